/** The learner's ~/.bashrc. */
const BASHRC = String.raw`# Regatta's shell. Change what you like: it is yours.
PS1='\[\e[1;36m\]\h\[\e[0m\]:\[\e[34m\]\w\[\e[0m\]\$ '
HISTFILE=~/.bash_history
HISTSIZE=5000
# Each command at once: a terminal that is closed gets no time to say goodbye.
PROMPT_COMMAND='history -a'
shopt -s checkwinsize histappend
alias k=kubectl
alias ll='ls -l --color=auto'
alias ls='ls --color=auto'
alias grep='grep --color=auto'

# Completion is loaded at the first Tab: at every start it would cost the prompt a tenth of a second.
_regatta_complete() {
  local command=$1 package=/usr/share/bash-completion/bash_completion
  [ "$command" = k ] && command=kubectl
  complete -r "$1"
  [ -r $package ] && . $package
  declare -F _get_comp_words_by_ref >/dev/null || _regatta_words
  . <(command "$command" completion bash 2>/dev/null)
  [ "$1" = k ] && complete -o default -o nospace -F __start_kubectl k
  return 124
}
complete -F _regatta_complete kubectl istioctl helm k

# What completion scripts need of the package bash-completion, where it is not installed.
_regatta_words() {
  _get_comp_words_by_ref() {
    local line=${'$'}{COMP_LINE:0:COMP_POINT}
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    cword=$(( ${'$'}{#words[@]} - 1 ))
    cur=${'$'}{words[cword]}
    prev=
    [ $cword -gt 0 ] && prev=${'$'}{words[cword - 1]}
    return 0
  }
  __ltrim_colon_completions() {
    local index prefix=${'$'}{1%"${'$'}{1##*:}"}
    for index in "${'$'}{!COMPREPLY[@]}"; do COMPREPLY[index]=${'$'}{COMPREPLY[index]#"$prefix"}; done
  }
}
`;

/** Files that every home begins with, by name. */
export const HOME_FILES: Readonly<Record<string, string>> = {
  '.bashrc': BASHRC,
  // Read by login shells, which the terminals are.
  '.bash_profile': '[ -r ~/.bashrc ] && . ~/.bashrc\n',
};
