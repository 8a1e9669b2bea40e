/** The learner's ~/.bashrc. */
export const BASHRC = String.raw`# Regatta's shell. Change what you like: it is yours.
PS1='\[\e[1;36m\]\h\[\e[0m\]:\[\e[34m\]\w\[\e[0m\]\$ '
HISTFILE=~/.bash_history
HISTSIZE=5000
shopt -s checkwinsize histappend
alias k=kubectl
alias ll='ls -l --color=auto'
alias ls='ls --color=auto'
alias grep='grep --color=auto'
# Loaded at the first Tab: sourcing it at every start would cost the prompt a tenth of a second.
_regatta_complete() {
  local command=$1
  [ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
  . <(command "$command" completion bash 2>/dev/null)
  [ "$command" = kubectl ] && complete -o default -F __start_kubectl k
  complete -p "$command" 2>/dev/null | grep -q _regatta_complete && complete -r "$command"
  return 124
}
complete -F _regatta_complete kubectl istioctl
complete -F _regatta_complete_k k
_regatta_complete_k() { complete -r k; _regatta_complete kubectl; }
`;

/** Read by login shells, which the terminals are. */
export const BASH_PROFILE = '[ -r ~/.bashrc ] && . ~/.bashrc\n';

/** Fills a new home from the read-only folders of the box; the kubeconfig comes on standard input. */
export const FILL_HOME = [
  'set -e',
  'cp -R /opt/lab/home/. /opt/lab/skel/. ~',
  'chmod -R u+w ~',
  'umask 077',
  'mkdir -p ~/.kube',
  'cat > ~/.kube/config',
].join('; ');
