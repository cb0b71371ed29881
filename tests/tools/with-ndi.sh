#!/bin/sh
# Runs a command with the NDI runtime on a loopback network of its own, where no other NDI source is to be found.
#
#   tests/tools/with-ndi.sh cargo test -p gst-plugin-ndiproxy
#
# The command sees this machine's files and nothing of its network. Where network namespaces are not allowed it runs
# on the machine's own network, and says so: other NDI sources may then disturb the tests.

set -eu
[ $# -gt 0 ] || { printf '%s\n' "with-ndi: which command? As in: tests/tools/with-ndi.sh cargo test" >&2; exit 64; }

environment=$("$(dirname "$0")/ndi-runtime.sh")
eval "$environment"

if unshare -rn sh -c 'ip link set lo up' 2>/dev/null; then
    # shellcheck disable=SC2016 # "$@" belongs to the inner shell
    exec unshare -rn sh -c 'ip link set lo up && exec "$@"' with-ndi "$@"
fi
printf '%s\n' "with-ndi: network namespaces are not allowed here (or iproute2 is missing); using the machine's own network." >&2
exec "$@"
