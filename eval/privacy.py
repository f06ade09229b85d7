#!/usr/bin/env python3
# eval/privacy.py - scores `ajar scan --jsonl` on labelled texts: what was found of each kind, what was taken for something, what hides.
"""Usage: privacy.py PROGRAM [FILE] [--misses KIND] [--false] [--json]

FILE: JSON lines with id, text, spans ({start, end, label, chk}), sensitive, kind. Without it the texts of this repository
(tests/detect/rows.jsonl). A span counts as found when half of its bytes are covered by any finding of a kind that fits.
"""
import collections
import json
import subprocess
import sys
from pathlib import Path

STRONG = set("EMAIL PHONE ADDRESS CREDIT_CARD IBAN US_SSN US_ITIN PASSPORT DRIVER_LICENSE NATIONAL_ID BANK_ACCOUNT US_MBI MRN "
             "HEALTH_PLAN_ID SECRET PASSWORD MARKING".split())
FIXED = set("CREDIT_CARD IBAN US_SSN US_ITIN NATIONAL_ID US_NPI US_DEA VIN US_MBI EMAIL SECRET".split())


def covered(span, findings):
    size = span["end"] - span["start"]
    for f in findings:
        if 2 * (min(f["end"], span["end"]) - max(f["start"], span["start"])) >= size:
            return True
    return False


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    options = [a for a in sys.argv[1:] if a.startswith("--")]
    if not arguments:
        sys.exit(__doc__)
    misses = arguments.pop() if "--misses" in options else None
    file = Path(arguments[1] if len(arguments) > 1 else Path(__file__).parent.parent / "tests/detect/rows.jsonl")
    rows = [json.loads(line) for line in open(file, encoding="utf-8") if line.strip()]
    lines = "".join(json.dumps({"id": r["id"], "text": r["text"]}) + "\n" for r in rows)
    told = subprocess.run([arguments[0], "scan", "--jsonl"], input=lines, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in told.splitlines():
        row = json.loads(line)
        found[row["id"]] = row["findings"]
    by_kind, fixed, evasion, documents = collections.defaultdict(lambda: [0, 0]), {True: [0, 0], False: [0, 0]}, [0, 0], [0, 0]
    false, negatives, names_false = 0, 0, 0
    false_kinds = collections.Counter()
    for r in rows:
        findings = found[r["id"]]
        strong = [f for f in findings if f["label"] in STRONG and f["label"] not in r.get("ignore_labels", []) and f["confidence"] >= 0.5]
        if r.get("sensitive") is True:
            counter = evasion if r.get("kind") == "evasion" else documents
            hit = bool(strong) or any(f["label"] == "PERSON" for f in findings) and all(s["label"] == "PERSON" for s in r["spans"])
            counter[0] += hit
            counter[1] += 1
            if misses == "EVASION" and r.get("kind") == "evasion" and not hit:
                print(repr(r["text"][:140]))
            if misses == "DOCUMENT" and r.get("kind") != "evasion" and not hit:
                print(repr(r["text"][:200]), [(s["label"], r["text"].encode()[s["start"]:s["end"]].decode()) for s in r["spans"]])
        elif r.get("sensitive") is False:
            negatives += 1
            names_false += any(f["label"] == "PERSON" for f in findings) and "PERSON" not in r.get("ignore_labels", [])
            if strong:
                false += 1
                false_kinds.update(f["label"] for f in strong)
                if "--false" in options:
                    print(r.get("kind"), repr(r["text"][:160]), [(f["label"], r["text"].encode()[f["start"]:f["end"]].decode(errors="replace")) for f in strong])
        if r.get("kind") == "evasion":
            continue
        for span in r["spans"]:
            label = span["label"]
            same = [f for f in findings if f["label"] == label or label not in ("PERSON", "LOCATION", "ORG", "DATE", "NRP")]
            hit = covered(span, same)
            by_kind[label][0] += hit
            by_kind[label][1] += 1
            if label in FIXED:
                fixed[bool(span.get("chk"))][0] += hit
                fixed[bool(span.get("chk"))][1] += 1
            if misses == label and not hit:
                text = r["text"].encode()
                print(repr(text[max(0, span["start"] - 50):span["start"]].decode(errors="replace")), ">>", repr(text[span["start"]:span["end"]].decode()), "<<",
                      repr(text[span["end"]:span["end"] + 20].decode(errors="replace")))

    def share(pair):
        return f"{pair[0]}/{pair[1]} = {pair[0] / pair[1]:.3f}" if pair[1] else "-"

    total = [fixed[True][0] + fixed[False][0], fixed[True][1] + fixed[False][1]]
    if "--json" in options:
        print(json.dumps({"kinds": by_kind, "fixed": total, "fixed_checked": fixed[True], "evasion": evasion, "documents": documents,
                          "false_documents": [false, negatives], "false_names": [names_false, negatives]}))
        return
    for label, pair in sorted(by_kind.items(), key=lambda item: -item[1][1]):
        print(f"{label:<16} {share(pair)}")
    print(f"\nfixed formats, check digit right   {share(fixed[True])}\nfixed formats                      {share(total)}")
    print(f"sensitive documents                {share(documents)}\nevasion documents                  {share(evasion)}")
    print(f"documents without, flagged         {share([false, negatives])}  {dict(false_kinds)}")
    print(f"documents without, a name found    {share([names_false, negatives])}")


if __name__ == "__main__":
    main()
