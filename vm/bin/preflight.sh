#!/bin/sh
# Sees to it that the workspace's own Node starts. It is linked with libatomic, which a small system
# lacks, and nothing written in TypeScript can say so.
complaint=$(node --version 2>&1 >/dev/null) && exit 0
case $complaint in
*libatomic*) ;;
*)
	printf '%s\n' "$complaint" >&2
	exit 1
	;;
esac

for manager in apt-get dnf pacman none; do
	command -v "$manager" >/dev/null && break
done
case $manager in
apt-get) install='apt-get update && apt-get install -y libatomic1' ;;
dnf) install='dnf install -y libatomic' ;;
pacman) install='pacman -S --needed --noconfirm gcc-libs' ;;
*)
	echo 'vm: Node needs libatomic.so.1. Install it with your package manager, then run this again.' >&2
	exit 1
	;;
esac

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
command="$sudo sh -c '$install'"
echo "vm: Node needs libatomic.so.1, which this computer lacks. It takes: $command" >&2
if [ -n "$sudo" ] && ! [ -t 0 ] && ! sudo -n true 2>/dev/null; then
	echo 'Run that, then the same command again.' >&2
	exit 1
fi
if [ -t 0 ] && [ -t 2 ] && [ -z "$CI" ]; then
	printf 'Do that now? [Y/n] ' >&2
	read -r answer
	case $answer in [nN]*) exit 1 ;; esac
fi
if ! $sudo sh -c "$install" >/dev/null; then
	echo "vm: that failed. Run it by hand, then the same command again: $command" >&2
	exit 1
fi
