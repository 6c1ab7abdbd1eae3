/**
 * Scripts that ask `vmqctl __complete` for candidates: lines of `TEXT<tab>SUMMARY`. What ends with `=` is gone on with,
 * so no blank is put behind it.
 */
export const COMPLETION_SCRIPTS = {
  // `=` and `:` end a word for bash: words are cut out of the line anew, and candidates shortened by what bash has.
  bash: `_vmqctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current shown text
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=('')
  current="\${words[\${#words[@]}-1]}"
  shown=''
  if [[ "$current" == *[=:]* ]]; then shown="\${current%"\${current##*[=:]}"}"; fi
  COMPREPLY=()
  while IFS=$'\\t' read -r text _; do
    COMPREPLY+=("\${text#"$shown"}")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *= ]]; then compopt -o nospace; fi
}
complete -F _vmqctl vmqctl
`,
  zsh: `#compdef vmqctl
_vmqctl() {
  local -a plain open
  local text summary
  while IFS=$'\\t' read -r text summary; do
    if [[ "$text" == *= ]]; then
      open+=("\${text//:/\\\\:}:$summary")
    else
      plain+=("\${text//:/\\\\:}:$summary")
    fi
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe -t candidates vmqctl plain -- open -S ''
}
if [[ "$funcstack[1]" == _vmqctl ]]; then _vmqctl "$@"; else compdef _vmqctl vmqctl; fi
`,
  fish: `function __vmqctl_complete
  set -l words (commandline -opc)
  $words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c vmqctl -f -a '(__vmqctl_complete)'
`,
} as const;

export type Shell = keyof typeof COMPLETION_SCRIPTS;
