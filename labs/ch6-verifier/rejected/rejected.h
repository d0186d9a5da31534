/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Every program in this folder is wrong on purpose, so none is loaded by
 * itself: the `?` in SEC("?xdp") turns autoload off. After each comes its twin,
 * `<name>_fixed`, which loads.
 *
 * The macros put their text into the object file (BTF_KIND_DECL_TAG), where the
 * loader and the test read it. The line that the verifier stops at is marked
 * `// <- here`; where none is, it refuses the program as a whole.
 */

/* What the program does wrong, in plain words. */
#define MISTAKE(text) __attribute__((btf_decl_tag("mistake: " text)))

/*
 * Why the verifier rejects it: the name of the reason in @ebpf-labs/libbpf, and
 * the verifier's words. {} stands for a register or a number, and | between the
 * wordings of different kernels.
 */
#define REJECTED(reason, words)                                                                    \
	__attribute__((btf_decl_tag("reason: " reason), btf_decl_tag("words: " words)))

/* The kernel that accepts the twin, where 5.10 does not yet. */
#define SINCE(version) __attribute__((btf_decl_tag("since: " version)))

/* Rejected only for a process that lacks the capability: root is trusted. */
#define WITHOUT(capability) __attribute__((btf_decl_tag("without: " capability)))
