#!/bin/sh
# Makes a Debian what the labs need: packages, the way in for commands, file systems. May run again.
# provision.sh [FOLDER]: the folder with `packages`, `suites`, `run`, `receive` and this file; default: this one's.
set -eu
here=${1:-$(dirname "$0")}
cd "$here"
. ./suites
export DEBIAN_FRONTEND=noninteractive
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

if [ "$(id -u)" != 0 ]; then
	echo 'provision.sh: run it as root.' >&2
	exit 1
fi
. /etc/os-release
if [ "${VERSION_CODENAME:-}" != "$suite" ]; then
	echo "provision.sh: this is ${PRETTY_NAME:-no Debian}, and the labs' programs are Debian $suite's." >&2
	exit 1
fi

# The newer suite comes from the mirror that this system has already, and only what is named comes from it.
apt-get -q update
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" 'Component: main' 'Created-By: Packages' | head -n 1)
if [ -z "$mirror" ]; then
	echo "provision.sh: apt knows no mirror of Debian $suite. See /etc/apt/sources.list.d" >&2
	exit 1
fi
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || keyring=/usr/share/keyrings/debian-archive-keyring.pgp
cat >/etc/apt/sources.list.d/ebpf-labs.sources <<END
Types: deb
URIs: $mirror
Suites: $newer_suite
Components: main
Signed-By: $keyring
Check-Valid-Until: no
END
cat >/etc/apt/preferences.d/ebpf-labs <<END
Package: *
Pin: release n=$newer_suite
Pin-Priority: 100

Package: $newer_packages
Pin: release n=$newer_suite
Pin-Priority: 990
END
apt-get -q update

# The way in and the accounts' maker are the QEMU image's own: here is another way in, and systemd may be there.
packages=$(sed 's/#.*//' packages | tr -s ' \t' '\n' |
	grep -vE '^(openssh-server|systemd-standalone-sysusers)?$')
# shellcheck disable=SC2086
apt-get -q install -y --no-install-recommends $packages

# clang-19, llvm-objdump-19, ld.lld-19 … are known without their version, too.
for path in /usr/bin/clang*-19 /usr/bin/llvm-*-19 /usr/bin/ld.lld-19 /usr/bin/lld*-19 /usr/bin/llc-19 /usr/bin/opt-19; do
	[ ! -e "$path" ] || ln -sf "${path##*/}" "${path%-19}"
done
[ -e /usr/bin/cc ] || ln -s clang-19 /usr/bin/cc
# For what must be tried without being root.
id learner >/dev/null 2>&1 || useradd --create-home --shell /bin/bash learner

mkdir -p /usr/lib/ebpf-labs /var/lib/ebpf-labs /var/cache/node /workspace
install -m 755 run receive /usr/lib/ebpf-labs/
cat >/usr/lib/ebpf-labs/mounts <<'END'
#!/bin/sh
# Mounts what a machine without systemd's units, a container above all, does not have.
at() {
	[ "$(stat -f -c %T "$2" 2>/dev/null)" = "$3" ] || mount -t "$1" "$1" "$2"
}
at tracefs /sys/kernel/tracing tracefs
at debugfs /sys/kernel/debug debugfs
at bpf /sys/fs/bpf bpf_fs
END
chmod 755 /usr/lib/ebpf-labs/mounts
# What it was made from: src/providers/provision.ts compares.
cat provision.sh packages suites run receive | sha256sum | cut -c 1-12 >/var/lib/ebpf-labs/provisioned
