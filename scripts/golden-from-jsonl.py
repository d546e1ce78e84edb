#!/usr/bin/env python3
"""Turn recorded answers (one JSON object a line) into the compact text of Tests/Fixtures/golden.

usage: golden-from-jsonl.py ANSWERS.jsonl COREFILE > answers.txt
The input has the keys name, type, via (udp, tcp, edns), rcode, flags, answer, authority, additional.
The format of the output is described in Tests/Fixtures/golden/README.md.
"""
import collections
import json
import re
import sys


def load(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def zones_of(corefile):
    with open(corefile, encoding="utf-8") as file:
        names = re.search(r"^\s*kubernetes\s+(.*?)\s*\{", file.read(), re.M).group(1).split()
    return [name + "." for name in names]


FAILURES = {"REFUSED": "refused", "SERVFAIL": "failed"}


class Writer:
    def __init__(self, entries, zones):
        self.entries, self.zones = entries, zones
        seconds = collections.Counter(
            record.split(" ")[1] for e in entries for record in e["answer"] + e["authority"])
        self.ttl = seconds.most_common(1)[0][0]
        self.soas, self.sets, self.uses = {}, {}, collections.Counter()

    def record(self, text, name):
        owner, ttl, rest = text.split(" ", 2)
        assert "|" not in rest and "\\059" not in rest, text
        rest = rest.replace(";", "\\059")
        owner = "@" if owner == name else owner
        return f"{owner} {rest}" if ttl == self.ttl else f"{owner} {ttl} {rest}"

    def section(self, records, name):
        return "; ".join(self.record(text, name) for text in records)

    def outcome(self, e):
        rcode, flags = e["rcode"], e["flags"].split()
        if rcode in FAILURES:
            assert flags == ["RD"] and not e["answer"] + e["authority"] + e["additional"], e
            return FAILURES[rcode]
        assert set(flags) <= {"AA", "RD", "TC"} and {"AA", "RD"} <= set(flags), e
        only_soa = not e["answer"] and not e["additional"] and len(e["authority"]) == 1
        if only_soa and " SOA " in e["authority"][0] and "TC" not in flags:
            soa = e["authority"][0]
            key = self.soas.setdefault(soa, "soa%d" % len(self.soas))
            return {"NXDOMAIN": "nx ", "NOERROR": "nodata "}[rcode] + key
        word = {"NOERROR": "ok", "NXDOMAIN": "denied"}[rcode] + (" tc" if "TC" in flags else "")
        parts = [self.section(e[key], e["name"]) for key in ("answer", "authority", "additional")]
        for part in parts:
            self.uses[part] += 1
        return word, parts

    def lines(self):
        rows, groups = [], {}
        for e in self.entries:
            assert e["question"] == ["%s IN %s" % (e["name"], e["type"])], e
            assert (e["edns"] == 0) == (e["via"] == "edns"), e
            outcome = self.outcome(e)
            key = (e["name"], e["via"], outcome if isinstance(outcome, str) else str(outcome))
            if key in groups:
                groups[key][1].append(e["type"])
                continue
            groups[key] = (e["name"], [e["type"]], e["via"], outcome)
            rows.append(groups[key])
        for part, count in self.uses.items():
            if count > 1 and len(part) > 200:
                self.sets[part] = "set%d" % len(self.sets)
        yield "zones " + " ".join(self.zones)
        yield "ttl " + self.ttl
        for soa, key in self.soas.items():
            yield f"soa {key} {soa}"
        for part, key in self.sets.items():
            yield f"set {key} {part}"
        for name, types, via, outcome in rows:
            head = f"{name} {','.join(types)}" + ("" if via == "udp" else " via " + via)
            if isinstance(outcome, str):
                yield f"{head} {outcome}"
                continue
            word, parts = outcome
            parts = ["=" + self.sets[p] if p in self.sets else p for p in parts]
            while parts and not parts[-1]:
                parts.pop()
            yield " | ".join([f"{head} {word}"] + parts).rstrip()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    zones = zones_of(sys.argv[2])
    for line in Writer(load(sys.argv[1]), zones).lines():
        print(line)


if __name__ == "__main__":
    main()
