/* The reason for which the verifier has to refuse a program stands on the program itself:
 * an id of the catalogue in src/verifier/. The tests read it from the source. */
#define REJECTED(reason) __attribute__((btf_decl_tag("rejected:" reason)))
/* Refused only to a loader that has CAP_BPF, but neither CAP_PERFMON nor CAP_SYS_ADMIN. */
#define UNPRIVILEGED __attribute__((btf_decl_tag("unprivileged")))
#define ACCEPTED __attribute__((btf_decl_tag("accepted")))

/* A naked function takes no parameters: clang gives them no names, and the kernel refuses such BTF. */
#ifndef __naked
#define __naked __attribute__((naked))
#endif
