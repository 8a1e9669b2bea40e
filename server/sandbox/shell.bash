# Read by each terminal's bash in place of ~/.bashrc (bash --rcfile): first what a login shell reads, then the marks that
# tell a page where the shell stands. Whatever the learner's own files say, the marks stay.
#
# A mark is an OSC 633 (Visual Studio Code's terminal shell integration): A prompt, B its end, F another line wanted,
# E command line, C start, D end with its status, P directory. Ours end with a nonce, so that a program or a pod's log that
# prints marks is not taken for the shell. It comes by descriptor 7, so that no argument and no environment shows it; it is
# no secret from the learner, who can print this shell's variables. OSC 133, the common subset, is for programs in between.
IFS= read -r __regatta_nonce <&7
exec 7<&-

if [ -r ~/.bash_profile ]; then
  . ~/.bash_profile
elif [ -r ~/.profile ]; then
  . ~/.profile
fi

# What would end a mark, or separate its fields, as \xHH.
__regatta_escape() {
  local text=${1:0:4096}
  text=${text//\\/\\\\}
  text=${text//;/\\x3b}
  text=${text//$'\n'/\\x0a}
  text=${text//$'\e'/\\x1b}
  text=${text//$'\a'/\\x07}
  printf -v "$2" %s "${text//[[:cntrl:]]/?}"
}

# Runs in a subshell of PS0: a process for each command, and none for an empty line.
__regatta_started() {
  local line escaped
  line=$(HISTTIMEFORMAT='' builtin history 1)
  # Without the number and the star of a line that was changed.
  line=${line#*[0-9][ *] }
  __regatta_escape "$line" escaped
  printf '\e]633;E;%s;%s\a\e]633;C;%s\a\e]133;C\a' "$escaped" "$__regatta_nonce" "$__regatta_nonce"
}

# Before each prompt; bash gives every part of PROMPT_COMMAND the status of the command.
__regatta_prompt() {
  local status=$? escaped
  __regatta_escape "$PWD" escaped
  printf '\e]633;D;%d;%s\a\e]133;D;%d\a\e]633;P;Cwd=%s;%s\a\e]633;A;%s\a\e]133;A\a' \
    "$status" "$__regatta_nonce" "$status" "$escaped" "$__regatta_nonce" "$__regatta_nonce"
  # Whatever a prompt has become, it ends with our mark.
  [[ $PS1 == *"$__regatta_ready" ]] || PS1=${PS1//"$__regatta_ready"/}$__regatta_ready
  [[ $PS2 == *"$__regatta_more" ]] || PS2=${PS2//"$__regatta_more"/}$__regatta_more
  [[ $PS0 == *"$__regatta_start"* ]] || PS0+=$__regatta_start
}

__regatta_ready='\[\e]633;B;'$__regatta_nonce'\a\e]133;B\a\]'
__regatta_more='\[\e]633;F;'$__regatta_nonce'\a\]'
# Where errors go, set -x traces as well: a learner who traces commands sees none of ours.
__regatta_start='$({ __regatta_started; } 2>/dev/null)'
__regatta_before='{ __regatta_prompt; } 2>/dev/null'
# In an array, a learner who sets PROMPT_COMMAND replaces the first part alone; before bash 5.1 there is but one.
if ((BASH_VERSINFO[0] > 5 || (BASH_VERSINFO[0] == 5 && BASH_VERSINFO[1] >= 1))); then
  PROMPT_COMMAND[99]=$__regatta_before
else
  PROMPT_COMMAND="$__regatta_before${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
fi
