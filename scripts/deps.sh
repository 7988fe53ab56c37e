#!/usr/bin/env bash
# Installs the Debian packages that tests need and that are missing here.
set -euo pipefail

declare -A package=(
  [chromium]=chromium
  [firefox-esr]=firefox-esr
  [ip]=iproute2
  [nft]=nftables
  [unshare]=util-linux
  [cc]=build-essential
  [c++]=build-essential
  [python3]=python3
  [openssl]=openssl
)

wanted=()
for tool in "${!package[@]}"; do
  PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || wanted+=("${package[$tool]}")
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
python3 -c 'import ensurepip' 2>/dev/null || wanted+=(python3-venv)
[ ${#wanted[@]} -eq 0 ] && exit 0

exec "$(dirname "$0")/install.sh" "${wanted[@]}"
