// SPDX-License-Identifier: (MIT OR GPL-2.0)
// relocations.bpf.c as it comes from a computer with another kernel: the types are that one's.
#include "build/elsewhere/vmlinux.h"

#include "relocations.bpf.c"
