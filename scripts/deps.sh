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

if ! command -v apt-get >/dev/null; then
  echo "missing: ${wanted[*]}. This is no Debian: install them by your own package manager." >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo env)
else
  echo "missing: ${wanted[*]}. Run as root: apt-get install ${wanted[*]}" >&2
  exit 1
fi

echo "installing ${wanted[*]}"
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
