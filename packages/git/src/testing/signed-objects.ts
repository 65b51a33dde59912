/** A commit or tag signed by the real git, ssh-keygen and gpg, with the public key that goes with it. */
export interface SignedObject {
  readonly name: string;
  readonly type: "commit" | "tag";
  readonly object: string;
  readonly key: string;
  readonly signer: string;
}

export const SIGNED_OBJECTS: readonly SignedObject[] = [
  {
    name: "ssh-ed25519",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 0bf890e479a705784bc517e993eb7024b9278362
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN SSH SIGNATURE-----
 U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg4tItBF8uMUAyAixOwxdX4IBZsR
 JU3V2zr39fhIJqYXQAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
 AAAAQLhE1yiDv2UDvJlks5My/c/yRjD1WCNshRvhp7ecN5b/PbCpu0UXmY6VsTY6s/V477
 qZc6SNP0Gu4ijpv8FyjQY=
 -----END SSH SIGNATURE-----

signed with k-ed25519-
`,
    key: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOLSLQRfLjFAMgIsTsMXV+CAWbESVN1ds69/X4SCamF0 k-ed25519-
`,
    signer: "SHA256:iHeK7rXDsoE0k1E/uaSZ5gUC6tnE7vfoKRC5U6Q5JyI",
  },
  {
    name: "ssh-rsa",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent aed1be37c6021e8b7d2ab37661c24914334fbe17
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN SSH SIGNATURE-----
 U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAJYcO+PuIqWhfwYl0y/sAX
 uzGIHpBoCkKbk5GOOW8JqSER6LdHFhoxQcDjJhEwrK0726zItJsTkPHQ/RCEXwyEtJSWco
 seB2JUyWlbRIAoAzmOErwcBJzfw9tEWszQ886mvMK7IACtr4U8co7ZKpL2DAUnKI7giKZS
 5k6MI5WlKrE6wnVzuz5G40Odei2GQQyXfIya6Ji5WNOug7pRYWpGX0dh5UC2dIwQoohogW
 CgzCHW/EHwifo9e7pp4uTeZobWVaII37TgdWVD9EjoSVUw2QbMG/C28gx+zUSzKS0Yv+oV
 TsHdsJDpbo/FWJlvmzId6iKrcZY6Goc7a5noF8zmEAAAADZ2l0AAAAAAAAAAZzaGE1MTIA
 AAEUAAAADHJzYS1zaGEyLTUxMgAAAQA6EqGmS/ohmSF73inpT3UMDy9moc65EXjzaTJucW
 GH40rXJwHdjaTKWb+5wYK15S6fh2zvh3a9wm2ByDmtWhiORVecmasI25tUaUNhqRXRTdlM
 243AW/Bml3COb7ucYn+AAGFOeCSSVPaqte1q5UB91U/b5G0fLvINJwb1kQdmWeimeGinDa
 WqWM8aJ32PGZPu3uenTpQCRG10e0gtQ6y65Gl8HpjPb/VTrEpGML2Kvp/XvxgUofizSD4I
 Wlgm8wRj/KbF6HHc+SbXgiEx5s7Ezo7pu4BwDDHa/QBWj6XoFH+KeEyDBFJp6RFWxhbX5/
 Fs+cLouC4t31vEcQDsbj3K
 -----END SSH SIGNATURE-----

signed with k-rsa-2048
`,
    key: `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCWHDvj7iKloX8GJdMv7AF7sxiB6QaApCm5ORjjlvCakhEei3RxYaMUHA4yYRMKytO9usyLSbE5Dx0P0QhF8MhLSUlnKLHgdiVMlpW0SAKAM5jhK8HASc38PbRFrM0PPOprzCuyAAra+FPHKO2SqS9gwFJyiO4IimUuZOjCOVpSqxOsJ1c7s+RuNDnXothkEMl3yMmuiYuVjTroO6UWFqRl9HYeVAtnSMEKKIaIFgoMwh1vxB8In6PXu6aeLk3maG1lWiCN+04HVlQ/RI6ElVMNkGzBvwtvIMfs1EsyktGL/qFU7B3bCQ6W6PxViZb5syHeoiq3GWOhqHO2uZ6BfM5h k-rsa-2048
`,
    signer: "SHA256:pOHLdhQfCbVKJLwoqH/wM80Bi5B8AMXakikjtF28Xsg",
  },
  {
    name: "ecdsa-256",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN SSH SIGNATURE-----
 U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE
 EEySAgZoX2m4c+WmuqJhuShNqTa8tNAHXHdPNTP3DTgu/Ze71TyFHUsbgZK5WM2zAXKz9i
 B0FsNxSl9ifK6aiFEgAAAANnaXQAAAAAAAAABnNoYTUxMgAAAGMAAAATZWNkc2Etc2hhMi
 1uaXN0cDI1NgAAAEgAAAAgKYWq7gjTTb2zjzqh7tXJ4yOt1R+hO1lL843NBvhcelwAAAAg
 QMwUkwGlBxOe5RRjXhLTO1G8DYadm4+HscIKHw2VKlQ=
 -----END SSH SIGNATURE-----

signed with k-ecdsa-256
`,
    key: `ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMkgIGaF9puHPlprqiYbkoTak2vLTQB1x3TzUz9w04Lv2Xu9U8hR1LG4GSuVjNswFys/YgdBbDcUpfYnyumohRI= k-ecdsa-256
`,
    signer: "SHA256:R5luGd0zELiOBEArQ88UZI75z9gGHXQDvOpzmZL1Zao",
  },
  {
    name: "ecdsa-384",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent cc1cd18e026c5233505b7fdf768ffc10b5841946
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN SSH SIGNATURE-----
 U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG
 EECm2lSB//HV4Du57GmIMHczAb+WZitlBvch5TObeIa8A71pGk+GUSayUvpFqEmzdpaqqt
 UHlS6DESCrKhphgM8UppJoD5IW25+BAJsGCpiWtOY0XisMdiVBgEjTRGqKYjAAAAA2dpdA
 AAAAAAAAAGc2hhNTEyAAAAgwAAABNlY2RzYS1zaGEyLW5pc3RwMzg0AAAAaAAAADBCLCwj
 HlQV/W+lFuq3RNVzWCKDnXdbM6fJt1FD4gUo9hDVvow/n8Ujzw6ZuNxg1dgAAAAwZhXbNL
 puANrGuarfRR/7szUaQ88O0iUnECAZ2k7lhALAfeqR3B7DTFGUdEIzRqqE
 -----END SSH SIGNATURE-----

signed with k-ecdsa-384
`,
    key: `ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBAptpUgf/x1eA7uexpiDB3MwG/lmYrZQb3IeUzm3iGvAO9aRpPhlEmslL6RahJs3aWqqrVB5UugxEgqyoaYYDPFKaSaA+SFtufgQCbBgqYlrTmNF4rDHYlQYBI00RqimIw== k-ecdsa-384
`,
    signer: "SHA256:YRqRoHHXu+/Mm65Hh+S7jL4VXbShGIEftv0a69c3yxY",
  },
  {
    name: "ecdsa-521",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 165bb8e2d718bef0ae18578921626baf830f6957
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN SSH SIGNATURE-----
 U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAI
 UEAenNmuqcvroNvXAwEXZUiZMiDxJq4DeJpA83ru6Mw0ee15msGsBVv9jGC/lP9Af9ntc0
 k7NtmxgzMxSOp2S3q0M6ADhpuByDi6Od6VfkUCGBA5AO3VXT7juSvbikjvkpWgL08zdezL
 BWOpfUOt/ETDdT9O8qefdOdXKYkTKWspGMom0vAAAAA2dpdAAAAAAAAAAGc2hhNTEyAAAA
 pgAAABNlY2RzYS1zaGEyLW5pc3RwNTIxAAAAiwAAAEEQm9ZBSWcDe/6uwt2hGDWcFCI0/d
 Tv09B9kIM32CUmue7GRI2ECHSkmXlRpyYbz3iGDHSrCyeKeKc86NEY8h6M5gAAAEIBO0jx
 8+n1diCt625CaMjb3qOaMxmaQ3iGN3NpEjW09lq6I2CWmKTTIjMoP11xa1fiVT568hXT4z
 7+c8mXIVDoeTE=
 -----END SSH SIGNATURE-----

signed with k-ecdsa-521
`,
    key: `ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHpzZrqnL66Db1wMBF2VImTIg8SauA3iaQPN67ujMNHnteZrBrAVb/Yxgv5T/QH/Z7XNJOzbZsYMzMUjqdkt6tDOgA4abgcg4ujnelX5FAhgQOQDt1V0+47kr24pI75KVoC9PM3XsywVjqX1DrfxEw3U/TvKnn3TnVymJEylrKRjKJtLw== k-ecdsa-521
`,
    signer: "SHA256:2Vf5yxvVRBnmozxFt1K8LVRfSRqxBOmNdQt1ogjyH/U",
  },
  {
    name: "ssh tag",
    type: "tag",
    object: `object 14b3721442a2df0dfd6a7a3cbfe412aa46e2fa98
type commit
tag tagssh
tagger Ada <ada@example.com> 1767322800 +0000

ssh tag
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg4tItBF8uMUAyAixOwxdX4IBZsR
JU3V2zr39fhIJqYXQAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQAiBXj69oTwP0CRiGnRsVdwXGl0GC5YtolYhxrRodFYcHwI0p0YNVBiRUSX3msbpO8
pwZi8+Uci90iYSHz3eow4=
-----END SSH SIGNATURE-----
`,
    key: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOLSLQRfLjFAMgIsTsMXV+CAWbESVN1ds69/X4SCamF0 k-ed25519-
`,
    signer: "SHA256:iHeK7rXDsoE0k1E/uaSZ5gUC6tnE7vfoKRC5U6Q5JyI",
  },
  {
    name: "openpgp ed25519",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 14b3721442a2df0dfd6a7a3cbfe412aa46e2fa98
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 
 iIYEABYIAC4WIQSTDD4YMb975ws1l08siuv4fH+x0gUCawQanRAcYWRhQGV4YW1w
 bGUuY29tAAoJECyK6/h8f7HSkiMBANr65rS+aLW75hUIvtkFcdVyX/sTViigEpoF
 wOTXF2BVAQCzwGV0uOXNp58Efme4uIHQ2ncKO3RpJU3+MaclZ2w1Aw==
 =ggwn
 -----END PGP SIGNATURE-----

signed with ada
`,
    key: `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawQanRYJKwYBBAHaRw8BAQdAnlmMwDxn/Tht5P5hf5kaV/g5qLKU7qYHhyt2
HqpYJAW0FUFkYSA8YWRhQGV4YW1wbGUuY29tPoiQBBMWCAA4FiEEkww+GDG/e+cL
NZdPLIrr+Hx/sdIFAmsEGp0CGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ
LIrr+Hx/sdKDJQEA6XgXYmgaUa+r6SpNcb7X6ttWuZuDIdt4Etrp/ZfwMtYA/iAB
BW1m+uqHb4R9bppwKlFaZcCgj1UKt536QdVuXzsJ
=MgCX
-----END PGP PUBLIC KEY BLOCK-----
`,
    signer: "2C8AEBF87C7FB1D2",
  },
  {
    name: "openpgp rsa",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 36972a7a9a7ff41a156c6c52558a5fbe9756385c
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 
 iQFEBAABCgAuFiEEZUFc8OD8L1HF9k/LylQQ279tp6QFAmsEGp0QHHJzYUBleGFt
 cGxlLmNvbQAKCRDKVBDbv22npE25B/4ybIqTCI2KUhbRFy9OiPMWx3uYiZtR517S
 GSJ32+Rulubj3FLFhopzUFzCBtoJWCOiQvUneLAAP9iJJ+nXykiix2dpzJGV0XuY
 3CR+Tc7wIIwUPOeY8C8o+AJz1OCGiijq7IEiUd4KH3PMYJ86kkFP+KJsKGyGC1hB
 r5xwnuXCEx9aYe9LGrmRqnT3w2Ohzpcgm49WsI8zXj/L/lt0DwRZJpzwAGayVWBh
 dTRTr3bMnKNVvRoMkxDn1/fCQXoeux58Lxg1pLLbdkWIwQCdC1Gs6zQzWT3iHRzI
 KsWlnG+RS9zhlVw2mA9Rv0pdYmKFfpGJl+fk2lbVh89wzaGH7u6n
 =xMfg
 -----END PGP SIGNATURE-----

signed with rsa
`,
    key: `-----BEGIN PGP PUBLIC KEY BLOCK-----

mQENBGsEGp0BCACyisrKzOo5FR1KYTap6i1bJZ8LG4vletEda0PqxKlKhjrJ7LNS
18pwrAo/z2j615C+XIZHYl4IK71VLR8f81c0uzjOVoCDmKBZ4i7x9VGR0P1bWiPX
rD0x2KxRkyaJQ9reQ23m9of+d7RHZlAbb1mPYW9ws/J8cvoNlhAwUae2ZdURVNCC
Is2iOvXjU9R58BSujuEdHTRhV4WRoZCQiFMvk260yVNLe0Fxgm7pWk+R4IqZWZuX
GgVPEQ0UFA3ejCSLk7e4JTPr2bwovM2310PCzQDEzXUiTnoHnDkUtQ+8Ig9oXTlr
kQ5nX64c8Rs/zy3zGs5q/0zmsHXsENM95/MVABEBAAG0FVJzYSA8cnNhQGV4YW1w
bGUuY29tPokBTgQTAQoAOBYhBGVBXPDg/C9RxfZPy8pUENu/baekBQJrBBqdAhsD
BQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEMpUENu/baekiQUIAKIvL5t5cow3
+QnwHaTUWUV/CaxAZkhjwnkZYmKo24dpiwc+5iNpAX3L+yUpxJQ67HdVmn2pEvNH
0VTZVAwBgwJpdLMeCWdWin9jVPabsKzaYq3f9rmE1yS0JP5VS2xqSrZEM0vu8i8p
HzTnyoE7qN4ytd9CQGwgJ4XTOEHd46iQ5NrMjFE5S7MXMZidu4amhYvzjLqKnkjr
9U4hT+/i3Ka+hT+ET8+jeOvtF1F/iHe4Kb9rLYPvv4CC/1qi3/aSQonNqISDclqN
hd2u2K58pOV0drzYBCH/Q4cz7lQCG8u2YtwOCrVuiL+T48vbZl3cVFqadnYC3aW+
66YZxjC2z3Q=
=tMQz
-----END PGP PUBLIC KEY BLOCK-----
`,
    signer: "CA5410DBBF6DA7A4",
  },
  {
    name: "openpgp expiring",
    type: "commit",
    object: `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 152883775dd5da86e5566f48bbad7ca05e440a7e
author Ada <ada@example.com> 1767322800 +0000
committer Ada <ada@example.com> 1767322800 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 
 iIYEABYIAC4WIQQUvWLzYz1Hwlh7qTpXNMXfZJHwBAUCawQanRAcZXhwQGV4YW1w
 bGUuY29tAAoJEFc0xd9kkfAEWQMBAJQG5VdVlgOV8pvIgQxmcju2Xyv59BC7WvSs
 QIjVJcCIAQCWIs7dg1YWtou25+xrqX4mJeNMz4RCotN8F0SZnye4Bw==
 =F9BT
 -----END PGP SIGNATURE-----

signed with exp
`,
    key: `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawQanRYJKwYBBAHaRw8BAQdAU2u4LiNo/IjCQGrIiL0KOhFCQWkMhc45VUUK
hROjbua0FUV4cCA8ZXhwQGV4YW1wbGUuY29tPoiWBBMWCAA+FiEEFL1i82M9R8JY
e6k6VzTF32SR8AQFAmsEGp0CGwMFCQXYZqMFCwkIBwIGFQoJCAsCBBYCAwECHgEC
F4AACgkQVzTF32SR8ARnxwD/dBOO9G/QTtssmRXQ0UPJXcxsl8KvcCdbJXoEqNhG
oHkBAI3FsN/0tbmzy/X178sI9S9gYWbErTgqRlr5wGpLiUAB
=yVv9
-----END PGP PUBLIC KEY BLOCK-----
`,
    signer: "5734C5DF6491F004",
  },
  {
    name: "openpgp tag",
    type: "tag",
    object: `object 01876610e1cb8317cc56c6e6e3f9477207b93d26
type commit
tag tagpgp
tagger Ada <ada@example.com> 1767322800 +0000

pgp tag
-----BEGIN PGP SIGNATURE-----

iIYEABYIAC4WIQSTDD4YMb975ws1l08siuv4fH+x0gUCawQanRAcYWRhQGV4YW1w
bGUuY29tAAoJECyK6/h8f7HSoVsA/3S4++KmwWUV9r0AnV+ev9jWdcobp9f3nb+8
cIErVpCkAQCf/kQihijkCEYvV18GovGBgkhY6qx5a1vc+Bp9gR0pCA==
=lo1O
-----END PGP SIGNATURE-----
`,
    key: `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawQanRYJKwYBBAHaRw8BAQdAnlmMwDxn/Tht5P5hf5kaV/g5qLKU7qYHhyt2
HqpYJAW0FUFkYSA8YWRhQGV4YW1wbGUuY29tPoiQBBMWCAA4FiEEkww+GDG/e+cL
NZdPLIrr+Hx/sdIFAmsEGp0CGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ
LIrr+Hx/sdKDJQEA6XgXYmgaUa+r6SpNcb7X6ttWuZuDIdt4Etrp/ZfwMtYA/iAB
BW1m+uqHb4R9bppwKlFaZcCgj1UKt536QdVuXzsJ
=MgCX
-----END PGP PUBLIC KEY BLOCK-----
`,
    signer: "2C8AEBF87C7FB1D2",
  },
];
