//! Under which addresses pages may find this machine. Pure.

use std::net::{IpAddr, Ipv6Addr};

use returnfeed_protocol::LanAnswer;

/// Those to tell, when it listens on `listen` and its interfaces have these. Private ones come first: a phone on the same
/// network tries them in this order.
pub(super) fn reachable(listen: IpAddr, interfaces: &[IpAddr]) -> Vec<IpAddr> {
    if !listen.is_unspecified() {
        return vec![listen];
    }
    let of_kind = |ip: &&IpAddr| ip.is_ipv4() == listen.is_ipv4() && !ip.is_unspecified();
    let mut found: Vec<IpAddr> =
        interfaces.iter().filter(of_kind).filter(|ip| may_be_told(ip)).copied().collect();
    if found.is_empty() {
        // A machine without a network: its own browser is all that can be there.
        found = interfaces.iter().filter(of_kind).filter(|ip| ip.is_loopback()).copied().collect();
    }
    found.sort_by_key(|ip| !is_private(ip));
    found.dedup();
    found.truncate(LanAnswer::ADDRESSES);
    found
}

/// A link-local address of IPv6 needs a zone, which a page cannot name.
fn may_be_told(ip: &IpAddr) -> bool {
    let is_link_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    !ip.is_loopback() && !is_link_local
}

fn is_private(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => Ipv6Addr::is_unique_local(ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(listen: &str, interfaces: &[&str]) -> Vec<String> {
        let interfaces: Vec<IpAddr> = interfaces.iter().map(|ip| ip.parse().unwrap()).collect();
        reachable(listen.parse().unwrap(), &interfaces).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn private_addresses_come_first_and_this_machine_s_own_only_where_there_is_no_other() {
        let all = ["127.0.0.1", "::1", "203.0.113.9", "192.168.1.5", "fe80::1", "fd00::5"];
        assert_eq!(told("0.0.0.0", &all), ["192.168.1.5", "203.0.113.9"]);
        assert_eq!(told("::", &all), ["fd00::5"]);
        assert_eq!(told("0.0.0.0", &["127.0.0.1", "::1"]), ["127.0.0.1"]);
        assert_eq!(told("0.0.0.0", &[]), Vec::<String>::new());
    }

    #[test]
    fn an_interface_that_was_chosen_is_the_only_one_told() {
        assert_eq!(told("10.0.0.7", &["192.168.1.5", "10.0.0.7"]), ["10.0.0.7"]);
        assert_eq!(told("127.0.0.1", &["192.168.1.5"]), ["127.0.0.1"]);
    }
}
