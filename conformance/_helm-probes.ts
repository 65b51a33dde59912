import { functions, type KnownFunction } from "./_helm-functions.js";
import { callOf } from "./_helm-random.js";
import { Dice } from "./_kustomize-random.js";

/** The values that probes see. */
export const probeValues = {
  s: "Hello World",
  t: "a,b c\nd",
  n: 3,
  f: 2.5,
  big: 1234567,
  b: true,
  l: [1, "two", null, [3]],
  ls: ["b", "a", "c", "a"],
  m: { a: 1, b: { c: "x" }, z: null },
  d: { a: { b: { c: "deep" } }, e: { k: "v", l: [] } },
  x: { y1: "1", list: [{ name: "p", port: 80 }] },
};

/** What a language has beside functions, and functions whose results differ each time, by what stays. */
const written = `
{{ 1 | }}|{{- 1 -}} x|{{/* c */}}x|{{ /* c */}}|{{-1}}|{{ "a""b" }}|{{ 'a' }}|{{ 0x1F }} {{ 0b101 }} {{ 017 }} {{ 1_000 }}|{{ 08 }}|{{ 1e3 }} {{ .5 }} {{ 0x1p4 }}|{{ 1+2i }}|{{ 9223372036854775808 }}
{{ nil }}|{{ $x }}|{{ $x := 1 }}{{ $x = 2 }}{{ $x }}|{{ $x = 2 }}|{{ .s.x }}|{{ .nope.x }}|{{ (.nope).x.y }}|{{ .nope }}|{{ $x := .nope }}{{ $x.y }}|{{ .l.x }}|{{ "a" "b" }}|{{ 1 2 }}|{{ (1).x }}
{{ if .b }}y{{ else }}n{{ end }}|{{ if 0 }}y{{ else if .s }}z{{ end }}|{{ with .m.b }}{{ .c }}{{ else with .s }}{{ . }}{{ end }}|{{ with .nope }}x{{ else }}{{ .n }}{{ end }}|{{ with $y := .n }}{{ . }}{{ $y }}{{ end }}|{{ if 1 }}{{ else range }}{{ end }}
{{ range .ls }}{{ . }};{{ end }}|{{ range $i, $e := .ls }}{{ $i }}={{ $e }} {{ end }}|{{ range $k, $v := .m }}{{ $k }}:{{ $v }} {{ end }}|{{ range 3 }}{{ . }}{{ end }}|{{ range .n }}{{ . }}{{ end }}|{{ range "abc" }}{{ . }}{{ end }}|{{ range .nope }}x{{ else }}none{{ end }}
{{ range .ls }}{{ if eq . "a" }}{{ continue }}{{ end }}{{ . }}{{ end }}|{{ range .ls }}{{ if eq . "a" }}{{ break }}{{ end }}{{ . }}{{ end }}|{{ break }}|{{ range $a, $b, $c := .l }}{{ end }}|{{ range $i, $x := 3 }}{{ end }}|{{ range .l }}{{ .x }}{{ end }}
{{ template "probe.t" . }}|{{ template "probe.t" }}|{{ template "nope" }}|{{ include "probe.t" .s | upper }}|{{ include "nope" . }}|{{ block "probe.b" .n }}[{{ . }}]{{ end }}|{{ tpl "{{ .s }}-{{ .nope }}" . }}|{{ tpl "{{ .s" . }}|{{ tpl "{{ fail \\"no\\" }}" . }}|{{ tpl "{{ .x }}" .nope }}
{{ and 1 0 2 }} {{ and }}|{{ or 0 "" "x" (fail "late") }}|{{ and true .nope }}|{{ not .s }} {{ not 0 }}|{{ eq 1 1.0 }}|{{ eq .n 3.0 }} {{ eq "a" "b" "a" }}|{{ eq .l .l }}|{{ eq .m .l }}|{{ eq .nope nil }}|{{ lt 1 2 }} {{ lt "a" "b" }} {{ lt 1.0 2 }}|{{ lt true false }}|{{ ne 1 2 3 }}
{{ index .ls 1 }} {{ index .m "b" "c" }} {{ index .s 0 }}|{{ index .ls 9 }}|{{ index .ls 4 }}|{{ index .ls "a" }}|{{ index .m 1 }}|{{ index .nope "x" }}|{{ index .m "q" "r" }}|{{ len .s }} {{ len .m }} {{ len .l }}|{{ len 3 }}|{{ len .nope }}|{{ len nil }}
{{ print 1 2 "a" "b" 3 nil }}|{{ println 1 "a" }}|{{ html "<a href='x'>&" }} {{ js "a'b<\\n" }} {{ urlquery "a b&c" }}|{{ html .nope }}|{{ call .s }}|{{ call .nope }}|{{ slice .ls 1 2 }}|{{ slice .s 1 2 }}|{{ .m }} {{ .l }} {{ .f }} {{ .big }}
{{ printf "%d %5d|%-5d|%05d %+d %x %o %b %c %q %U" 5 5 5 5 5 255 8 5 65 65 65 }}|{{ printf "%v %s %q %T %x" "a" "a" "a" "a" "a" }}|{{ printf "%f %.2f %e %g %8.3f|%G" 2.5 2.5 2.5 2.5 2.5 1e21 }}|{{ printf "%d" "a" }} {{ printf "%s" 1 }} {{ printf "%z" 1 }}
{{ printf "%v %v" 1 }}|{{ printf "%v" 1 2 }}|{{ printf "%[2]v %[1]v" 1 2 }} {{ printf "%*d" 5 1 }} {{ printf "%%" }} {{ printf "%!" }}|{{ printf "%v %+v %#v" .m .m .m }}|{{ printf "%s %d %v" .l .l .l }}|{{ printf "%t %v %5t" true false true }}|{{ printf "%#x %#o %#q %+q" 255 8 "a" "é" }}
{{ printf "%08b %x %b" true 2.5 2.5 }}|{{ required "no value" .nope }}|{{ required "no" .s }}|{{ fail "stop" }}|{{ upper 1 }}|{{ upper .n }}|{{ upper .nope }}|{{ .nope | upper }}|{{ upper nil }}|{{ upper "a" "b" }}|{{ hasKey .nope "b" }}|{{ until .n }}|{{ nosuch 1 }}|{{ trunc (int64 3) "abc" }}
{{ lookup "v1" "Pod" "a" "b" }}|{{ getHostByName "example.com" }}|{{ randAlphaNum 5 | len }} {{ randAlpha 4 | len }} {{ randNumeric 3 | len }} {{ randAscii 2 | len }} {{ randBytes 3 | len }} {{ uuidv4 | len }} {{ shuffle "aaa" }} {{ randInt 3 4 }}|{{ randInt 4 4 }}|{{ randAlphaNum 0 }}
{{ (genCA "x" 1).Cert | contains "BEGIN CERTIFICATE" }} {{ typeOf (genCA "x" 1) }}|{{ (genSelfSignedCert "x" nil (list "a.b") 1).Key | contains "RSA PRIVATE KEY" }}|{{ $ca := genCA "x" 1 }}{{ (genSignedCert "y" (list "10.0.0.1") nil 1 $ca).Cert | contains "BEGIN" }}|{{ genSignedCert "y" nil nil 1 (dict) }}|{{ genSelfSignedCert "x" (list "bad") nil 1 }}
{{ $k := genPrivateKey "ecdsa" }}{{ (genCAWithKey "x" 1 $k).Key | eq $k }} {{ (genSelfSignedCertWithKey "x" nil nil 1 $k).Key | eq $k }} {{ (genSignedCertWithKey "x" nil nil 1 (genCA "x" 1) $k).Key | eq $k }}|{{ genPrivateKey "ed25519" | contains "PRIVATE KEY" }} {{ genPrivateKey "dsa" | contains "DSA PRIVATE KEY" }} {{ genPrivateKey "zz" }}|{{ genPrivateKey "" | contains "RSA PRIVATE KEY" }}
{{ buildCustomCert "x" "y" }}|{{ bcrypt "x" | trunc 7 }} {{ htpasswd "u" "p" | trunc 9 }} {{ htpasswd "a:b" "p" }}|{{ encryptAES "k" "text" | decryptAES "k" }}|{{ derivePassword 1 "long" "password" "user" "example.com" }} {{ derivePassword 1 "pin" "password" "user" "example.com" }}|{{ derivePassword 1 "zz" "p" "u" "s" }}
{{ typeOf now }} {{ ago (toDate "2006" "2006") | hasSuffix "s" }}|{{ date "2006-01-02" (toDate "2006-01-02" "2021-03-04") }} {{ date_in_zone "15:04 MST" (toDate "2006-01-02" "2021-03-04") "Europe/Berlin" }} {{ date_modify "1h" (toDate "2006" "2021") }} {{ must_date_modify "-24h" (toDate "2006" "2021") }}|{{ must_date_modify "x" (toDate "2006" "2021") }}
{{ mustToDate "2006-01-02" "bad" }}|{{ mustToDate "2006" "2021" | unixEpoch }}|{{ mustFromJson "[1,2]" }}|{{ mustFromJson "{" }}|{{ mustRegexMatch "(" "x" }}|{{ regexMatch "(" "x" }}|{{ regexFind "(" "x" }}|{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "\${1}W" }}|{{ biggest 1 5 2 }} {{ mustMerge (dict "a" 1) (dict "a" 2 "b" 3) }} {{ mustMergeOverwrite (dict "a" 1) (dict "a" 2) }}
{{ mustPush (list 1) 2 }} {{ trimall "-" "--a--" }} {{ mustRegexFindAll "a" "aa" -1 }} {{ dig "a" "b" "no" .d }}|{{ dig "a" "q" "no" .d }}|{{ dig "s" "q" "no" (dict "s" "x") }}|{{ dig "a" .d }}|{{ set nil "a" 1 }}|{{ deepCopy .nope }}|{{ divf 1 0 }}|{{ div 1 0 }}|{{ mod 1 0 }}|{{ chunk 0 (list 1) }} {{ chunk -1 (list 1 2) }}|{{ repeat -1 "a" }}|{{ substr 4 2 "hello" }}
{{ toToml .m }}|{{ toToml 5 }}|{{ fromToml "a = " }}|{{ fromYaml "a: [1" }}|{{ fromYaml "- 1" }}|{{ fromJson "[]" }}|{{ fromJson "{\\"a\\":tru}" }} {{ fromJson "1 2" }} {{ fromJson "null" | toJson }}|{{ b64dec "YQ" }} {{ b32dec "ME" }} {{ b64dec "a b" }}|{{ trunc 2 "é" | b64enc }} {{ nospace "a\\u00a0b" | b64enc }}|{{ urlParse "http://a b" }}|{{ urlParse "12:30" }}|{{ urlJoin (dict "host" 5) }}
{{ seq 0 2 0 }} {{ seq 5 2 }} {{ seq -3 }}|{{ has "b" .ls }} {{ has 3 (list 3) }}|{{ first "abc" }}|{{ compact .m }}|{{ semverCompare "bad" "x" }}|{{ semver "x" }}|{{ (semver "v1.2.3-rc+b").Original }} {{ (semver "1.2.3").IncMinor }}|{{ wrap 4 "é ü ß" }} {{ initials "éa b" }}|{{ toYaml .x }}|{{ toYamlPretty .x }}|{{ toPrettyJson .m }}|{{ len (slice (list) 1 3) }}
`;

/** Templates that probe the real tool: the language's ways, and each function with a few arguments. */
export function probes(): string[] {
  const byHand = written
    .trim()
    .split("\n")
    .flatMap((line) => line.split(/(?<=\}\}[^|]*)\|(?=\{\{)/));
  const dice = new Dice(20260101);
  const composed = functions.flatMap((known: KnownFunction) =>
    Array.from({ length: 4 }, (_, round) => `{{ ${callOf(known, dice, round < 3 ? 0 : 1)} }}`),
  );
  return [...new Set([...byHand, ...composed])];
}
