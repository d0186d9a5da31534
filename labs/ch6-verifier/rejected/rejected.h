/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Every program in this folder is wrong on purpose, so none is loaded by
 * itself: the `?` in SEC("?xdp") turns autoload off.
 *
 * REJECTED says, on the program, what the verifier must find wrong with it, in
 * the verifier's words: {} stands for a register or a number, and | stands
 * between the wordings of different kernels. The compiler puts it into the
 * object file (BTF_KIND_DECL_TAG), where the loader and the test read it.
 *
 * The line that the verifier stops at is marked `// <- here`.
 * After each program comes its twin, `<name>_fixed`, which loads.
 */
#define REJECTED(reason) __attribute__((btf_decl_tag("rejected: " reason)))

/* Rejected only for a process that lacks the capability: root is trusted. */
#define WITHOUT(capability) __attribute__((btf_decl_tag("without: " capability)))
