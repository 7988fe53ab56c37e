#!/usr/bin/env bash
# Runs a command in a network of its own: loopback, and a veth pair that gives the server an address to announce.
#
# Firefox sends no media to 127.0.0.1, so server and browsers meet at 10.99.0.1; the page is still opened at
# http://localhost, which browsers take for a secure context. The network ends with the command.
set -euo pipefail

export PATH=$PATH:/usr/sbin:/sbin
if [ "${1:-}" != --inside ]; then
  # Without root a user namespace gives the right to make a network.
  [ "$(id -u)" = 0 ] && how=(--net) || how=(--user --map-root-user --net)
  if ! unshare "${how[@]}" true 2>/dev/null; then
    echo "e2e: no network namespace can be made here. Run as root, or allow unprivileged user namespaces." >&2
    exit 1
  fi
  exec unshare "${how[@]}" "$0" --inside "$@"
fi
shift

ip link set lo up
ip link add meet0 type veth peer name meet1
ip address add 10.99.0.1/24 dev meet0
ip link set meet0 up
ip link set meet1 up
# Browsers gather addresses only where a default route leads.
ip route add default via 10.99.0.2 dev meet0
exec "$@"
