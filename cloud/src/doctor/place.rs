//! The name people type and the address that viewers are told, held against each other.
//!
//! It refuses to ask the world which address this machine has: behind 1:1 NAT that is known from the name.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tokio::time::timeout;

use super::{Finding, cause};
use crate::config::Config;

const WAIT: Duration = Duration::from_secs(3);

/// Asks the resolver for each name.
pub(super) async fn look(config: &Config, local: &BTreeSet<IpAddr>) -> Vec<Finding> {
    let told = &config.public_addresses;
    if config.public_names.is_empty() {
        return vec![addresses(told, local)];
    }
    let mut findings = Vec::new();
    for name in &config.public_names {
        let asked = timeout(WAIT, tokio::net::lookup_host((name.as_str(), config.https.port()))).await;
        findings.push(match asked {
            Ok(Ok(found)) => leads_to(name, &found.map(|at| at.ip().to_canonical()).collect(), told, local),
            Ok(Err(error)) => unknown(name, &cause(error)),
            Err(_) => unknown(name, "the resolver does not answer"),
        });
    }
    findings.push(addresses(told, local));
    findings
}

fn unknown(name: &str, why: &str) -> Finding {
    let cure = "make an A or AAAA record for it, or correct public_name";
    Finding::broken("name", format!("{name} leads nowhere ({why})"), cure)
}

fn leads_to(name: &str, found: &BTreeSet<IpAddr>, told: &[IpAddr], local: &BTreeSet<IpAddr>) -> Finding {
    let strangers: Vec<_> = found.iter().filter(|ip| !told.contains(ip) && !local.contains(ip)).collect();
    let Some(stranger) = strangers.first() else {
        return Finding::ok("name", format!("{name} leads to {}", list(found)));
    };
    let says =
        format!("{name} leads to {stranger}, which is no address of this machine and no public_address");
    // A name with a public address, and a machine that has none itself: what a router does with one address for one.
    if told.is_empty() && !is_near(**stranger) && local.iter().all(|ip| is_near(*ip)) {
        let cure = format!("behind 1:1 NAT: set public_address = [\"{stranger}\"]; else correct the record");
        return Finding::broken("name", says, cure);
    }
    Finding::broken("name", says, "correct the record or public_name, or add the address to public_address")
}

fn addresses(told: &[IpAddr], local: &BTreeSet<IpAddr>) -> Finding {
    let outward: BTreeSet<_> = local.iter().filter(|ip| !ip.is_loopback()).copied().collect();
    match told {
        [] if outward.is_empty() => {
            let cure = "connect the machine to a network, or set public_address";
            Finding::broken("address", "this machine has no address but its own loopback", cure)
        }
        [] if outward.iter().all(|ip| is_near(*ip)) => {
            let says =
                format!("viewers are told {}, which is reached from this network alone", list(&outward));
            Finding::look(
                "address",
                says,
                "for viewers elsewhere set public_address to the address that they reach",
            )
        }
        [] => Finding::ok("address", format!("viewers are told {}", list(&outward))),
        told => {
            let nat = told.iter().any(|ip| !local.contains(ip));
            let behind = if nat { ", which a router in front of this machine must hand through" } else { "" };
            Finding::ok(
                "address",
                format!("viewers are told {}{behind}", list(&told.iter().copied().collect())),
            )
        }
    }
}

fn list(ips: &BTreeSet<IpAddr>) -> String {
    ips.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// Not reached from the internet: RFC 1918, RFC 6598, RFC 4193, link-local and loopback.
fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(ip) => ip == Ipv6Addr::LOCALHOST || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn ips<const N: usize>(texts: [&str; N]) -> BTreeSet<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_said_and_nat_is_recognised() {
        let (ours, nat) = (ips(["192.0.2.10", "127.0.0.1"]), ips(["10.0.0.5", "127.0.0.1"]));
        let public = ips(["198.51.100.7"]);
        let said = |local: &_, told: &[IpAddr]| leads_to("live.example.org", &public, told, local);
        assert!(said(&ours, &[]).to_string().contains("correct the record"));
        let behind = said(&nat, &[]);
        assert!(behind.cure.contains("public_address = [\"198.51.100.7\"]"), "{behind}");
        let told: Vec<IpAddr> = public.iter().copied().collect();
        assert_eq!(said(&nat, &told).verdict, Verdict::Ok);
        assert_eq!(leads_to("a", &ips(["192.0.2.10"]), &[], &ours).verdict, Verdict::Ok);
        assert!(addresses(&told, &nat).says.contains("hand through"));
        assert_eq!(addresses(&[], &nat).verdict, Verdict::Look);
        assert_eq!(addresses(&[], &ips(["127.0.0.1"])).verdict, Verdict::Broken);
        assert!(
            unknown("nowhere.invalid", "no such name").to_string().contains("nowhere.invalid leads nowhere")
        );
    }
}
