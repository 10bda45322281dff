"""Every problem code, with the severity it has and what it means.

The documentation lists this table; a test holds the two together.
RG0xx concept files · RG1xx role files · RG2xx haystack files · RG3xx the home.
"""

from __future__ import annotations

from typing import Final

from kg.problem import Problem, Severity

CODES: Final[dict[str, tuple[Severity, str]]] = {
    # -- RG0xx: concept files
    "RG001": ("error", "a concept file is not UTF-8 text"),
    "RG002": ("error", "a route names no provider or no model"),
    "RG003": ("error", "a priority is not a whole number from 0 to 100"),
    "RG004": ("error", "a value is neither yes nor no"),
    "RG005": ("warning", "an unknown kind of document after type:::"),
    "RG006": ("warning", "a directive has no value"),
    "RG007": ("warning", "free:: stands before any route"),
    "RG008": ("warning", "a second priority, which does not count"),
    "RG009": ("warning", "a directive is understood, but not in its usual spelling"),
    "RG010": ("warning", "an unknown directive that looks like a known one"),
    "RG020": ("error", "a concept file is too large"),
    "RG021": ("warning", "a folder is reached a second time, through a link"),
    "RG022": ("error", "a concept file or folder can't be read"),
    "RG040": ("warning", "two concepts have the same id"),
    "RG041": ("warning", "two concepts claim the same synonym"),
    "RG042": ("warning", "a link to an unknown concept"),
    "RG043": ("warning", "a concept with neither synonyms nor links"),
    "RG044": ("warning", "a synonym that almost any text holds"),
    "RG045": ("warning", "broader concepts form a circle"),
    "RG060": ("error", "a thesaurus is not valid JSON"),
    "RG061": ("error", "a thesaurus entry has no nterm"),
    "RG062": ("warning", "a JSON file among the concepts is no thesaurus"),
    "RG063": ("warning", "a thesaurus has the same synonym twice"),
    # -- RG1xx: role files
    "RG100": ("error", "a role file is not valid YAML or JSON"),
    "RG101": ("error", "a role file has a wrong or missing value"),
    "RG102": ("error", "a role file has an unknown key"),
    "RG103": ("error", "two roles have the same name"),
    "RG104": ("error", "unknown haystack"),
    "RG105": ("warning", "a setting of a role that has no effect yet"),
    "RG106": ("error", "a role names an unknown concept"),
    "RG107": ("warning", "a folder that a role names holds no concept"),
    "RG108": ("warning", "a model that its haystack does not list"),
    "RG109": ("warning", "a route whose provider no haystack of a role offers"),
    "RG110": ("error", "a role names a scenario that it does not have"),
    "RG111": ("error", "a role file is not UTF-8 text"),
    "RG112": ("warning", "a bare model name that can be read in two ways"),
    "RG113": ("warning", "a concept names a transformer that there is not, or that needs options"),
    "RG114": ("error", "a rule asks for what no request is"),
    "RG115": ("warning", "a rule that holds only where earlier ones do"),
    "RG116": ("warning", "a role has rules, and no phase that asks them"),
    "RG117": ("warning", "a budget that models of unknown price do not draw on"),
    # -- RG2xx: haystack files
    "RG200": ("error", "a haystack file is not valid YAML"),
    "RG201": ("error", "a haystack file has a wrong or missing value"),
    "RG202": ("error", "a haystack file has an unknown key"),
    "RG203": ("error", "two haystacks have the same name"),
    "RG204": ("error", "a service that looks like a misspelt one"),
    "RG205": ("warning", "an unknown service; the haystack is kept, and serves no models"),
    "RG210": ("warning", "a key stands in a haystack file itself"),
    "RG211": ("warning", "a haystack sends keys and prompts unencrypted"),
    "RG213": ("warning", "a haystack lists a model twice"),
    "RG214": ("error", "unknown transformer"),
    "RG215": ("error", "a transformer has a wrong, missing or unknown option"),
    # -- RG3xx: the home
    "RG301": ("error", "the home has no role"),
    "RG310": ("error", "keys.yaml is not valid YAML"),
    "RG311": ("error", "keys.yaml has a wrong or missing value"),
    "RG312": ("error", "keys.yaml has an unknown key"),
    "RG313": ("warning", "a client's key has a role that there is not"),
    "RG320": ("warning", "Python of the home is not loaded, since code is not allowed"),
    "RG321": ("error", "Python of the home can't be loaded"),
}


def problem(code: str, path: str, line: int, column: int, message: str, hint: str = "") -> Problem:
    """Make a problem with the severity that its code has."""
    return Problem(path, line, column, code, message, hint, CODES[code][0])
