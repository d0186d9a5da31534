PS1='\[\e[32m\]ebpf-labs\[\e[0m\]:\[\e[34m\]\w\[\e[0m\]\$ '
alias ls='ls --color=auto' ll='ls -l --color=auto' grep='grep --color=auto'
HISTFILE=
