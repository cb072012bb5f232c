"""Results of OpenSCAP in the smallest form that has everything: rules with their words, and what came of each."""

from collections.abc import Mapping

PASSED: Mapping[str, str] = {"fine": "pass"}
_ID = "xccdf_org.ssgproject.content_rule_"
_RULE = """\
<x:Rule id="{id}"><x:title>Rule {name}</x:title>
<x:description>Set <h:code xmlns:h="http://www.w3.org/1999/xhtml">PermitRootLogin no</h:code> in sshd_config.</x:description>
<x:reference href="https://www.cisecurity.org/benchmark/debian_linux/">5.1.20</x:reference>
<x:reference href="https://www.cisecurity.org/controls/">11</x:reference><x:rationale>Because of it.</x:rationale></x:Rule>"""
_RESULT = '<x:rule-result idref="{id}" severity="high"><x:result>{said}</x:result><x:check system="x"/></x:rule-result>'
_WHOLE = """\
<?xml version="1.0"?>
<x:Benchmark xmlns:x="http://checklists.nist.gov/xccdf/1.2"><x:Group>{rules}</x:Group>
<x:TestResult end-time="2026-11-27T11:52:37+00:00" test-system="cpe:/a:redhat:openscap:1.3.7">
<x:profile idref="xccdf_org.ssgproject.content_profile_cis_level1_server"/>{said}<x:score maximum="100">82.513962</x:score>
</x:TestResult></x:Benchmark>"""


def results(said: Mapping[str, str], *, collected: bool = False) -> bytes:
    """Return results that say this of rules, by their short names; `collected` puts them into an ARF."""
    rules = "".join(_RULE.format(id=_ID + name, name=name) for name in said)
    told = "".join(_RESULT.format(id=_ID + name, said=each) for name, each in said.items())
    whole = _WHOLE.format(rules=rules, said=told)
    if collected:
        head, _, body = whole.partition("\n")
        whole = f'{head}\n<a:asset-report-collection xmlns:a="http://scap.nist.gov/schema/asset-reporting-format/1.1"><a:content>{body}</a:content></a:asset-report-collection>'
    return whole.encode()
