/**
 * Runs inside the box, as `sh -c SCRIPT files <action> <path> …`; paths come as arguments only and never become shell text.
 * Answers on stdout; refuses with a status of REFUSALS. Between a look and the deed the learner may change things: then the
 * deed happens to what is there, with the learner's own rights.
 */
export const SCRIPT = `
# Absolute, with dots taken out and links as they are. The x keeps a newline at the end of a name.
resolve() {
  case $1 in
    /*) given=$1 ;;
    '~') given=$HOME ;;
    '~/'*) given=$HOME/\${1#'~/'} ;;
    *) given=$HOME/$1 ;;
  esac
  resolved=$(realpath -zms -- "$given" | tr -d '\\0'; echo x)
  resolved=\${resolved%x}
}
resolve "$2"
path=$resolved
exists() { [ -e "$1" ] || [ -L "$1" ]; }
version() { if [ -f "$1" ]; then stat -Lc '%i-%s-%.9Y' -- "$1"; else echo none; fi; }
regular() {
  [ ! -d "$1" ] || exit 41
  [ -f "$1" ] || exit 42
}
present() {
  [ -e "$1" ] && return
  [ -d "\${1%/*}/" ] && [ ! -x "\${1%/*}/" ] && exit 43
  exit 40
}
tell() { printf '%s\\0%s\\0' "$path" "$1"; }
case $1 in
  list)
    present "$path"
    [ -d "$path" ] || exit 44
    cd -- "$path" || exit 43
    tell "$HOME"
    find . -mindepth 1 -maxdepth 1 -printf '%y %Y %s %f\\0'
    ;;
  version)
    tell "$(version "$path")"
    ;;
  read)
    present "$path"
    regular "$path"
    [ -r "$path" ] || exit 43
    tell "$(version "$path")"
    exec cat -- "$path"
    ;;
  bytes)
    present "$path"
    if [ -d "$path" ]; then
      parent=\${path%/*}
      tell folder
      tar -cz --one-file-system --ignore-failed-read --warning=none -C "\${parent:-/}" -- "./\${path##*/}"
      # 1: something changed while it was packed; the archive is whole.
      [ $? -le 1 ] && exit 0 || exit 2
    fi
    regular "$path"
    [ -r "$path" ] || exit 43
    tell file
    exec cat -- "$path"
    ;;
  write)
    # A link stays a link: what it leads to is written.
    target=$(realpath -zm -- "$path" | tr -d '\\0'; echo x)
    target=\${target%x}
    ! exists "$target" || regular "$target"
    unchanged() { [ "$1" = any ] || [ "$1" = "$(version "$target")" ] || exit 45; }
    unchanged "$3"
    folder=\${target%/*}
    mkdir -p -- "\${folder:-/}" || exit 2
    new=$(mktemp -- "$folder/.regatta-XXXXXXXX") || exit 2
    trap 'rm -f -- "$new"' EXIT
    cat > "$new" || exit 2
    [ "$(stat -c %s -- "$new")" = "$4" ] || exit 46
    if [ -f "$target" ]; then
      [ -w "$target" ] || exit 43
      chmod --reference="$target" -- "$new" || exit 2
    else
      chmod 644 -- "$new" || exit 2
    fi
    stamp=$(version "$new")
    unchanged "$3"
    mv -fT -- "$new" "$target" || exit 2
    tell "$stamp"
    ;;
  folder)
    ! exists "$path" || exit 47
    mkdir -- "$path" || exit 2
    tell none
    ;;
  move)
    exists "$path" || exit 40
    resolve "$3"
    to=$resolved
    ! exists "$to" || exit 47
    mv -nT -- "$path" "$to" || exit 2
    path=$to
    tell none
    ;;
  delete)
    exists "$path" || exit 40
    [ "$path" != "$HOME" ] && [ "$path" != / ] || exit 43
    rm -rf --one-file-system -- "$path" || exit 2
    tell none
    ;;
  *) exit 2 ;;
esac
`;

/** What the statuses of SCRIPT mean: HTTP status, code, sentence. */
export const REFUSALS: Readonly<Record<number, readonly [number, string, string]>> = {
  40: [404, 'file-missing', 'There is no such file or folder'],
  41: [409, 'file-is-folder', 'This is a folder, not a file'],
  42: [409, 'file-special', 'This is not an ordinary file'],
  43: [403, 'file-forbidden', 'Your shell may not do that either'],
  44: [409, 'file-no-folder', 'This is a file, not a folder'],
  45: [409, 'file-changed', 'The file has changed meanwhile'],
  46: [400, 'file-incomplete', 'The file did not arrive whole'],
  47: [409, 'file-exists', 'There is something of that name already'],
};

/** The same for what the tools complain of in English, each by the status above or a refusal of its own. */
export const COMPLAINTS: readonly (readonly [RegExp, readonly [number, string, string]])[] = [
  [
    /No space left on device|Disk quota exceeded/,
    [507, 'file-no-space', 'There is no space left in the sandbox'],
  ],
  [
    /Permission denied|Operation not permitted|Read-only file system|Device or resource busy|Text file busy/,
    [403, 'file-forbidden', 'Your shell may not do that either'],
  ],
  [
    /File name too long|Too many levels of symbolic links|Invalid argument/,
    [400, 'file-name', 'A file cannot have that name'],
  ],
  [/File exists/, [409, 'file-exists', 'There is something of that name already']],
  [/Not a directory/, [409, 'file-no-folder', 'This is a file, not a folder']],
  [/No such file or directory/, [404, 'file-missing', 'There is no such file or folder']],
];
