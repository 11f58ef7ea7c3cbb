"""A table as the oracles read it, apart from how Sluice does. The tests put this folder on Python's path."""


def sums(dimensions, keys):
    """Every sum that can be written between cells: (total, its parts that are cells; none where no part is one).

    dimensions: of each one {"CODE": "PARENT or null"}. keys: of the cells, tuples of codes.
    """
    children = [{} for _ in dimensions]
    for at, parents in enumerate(dimensions):
        for code, parent in parents.items():
            if parent is not None:
                children[at].setdefault(parent, []).append(code)
    known = set(keys)
    for key in keys:
        for at in range(len(dimensions)):
            parts = children[at].get(key[at])
            if parts:
                yield key, [part for part in (key[:at] + (code,) + key[at + 1:] for code in parts) if part in known]
