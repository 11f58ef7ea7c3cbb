/// Programs in Python that read data without anything of ours.
enum Oracle {
    /// `observations(path)`: what a message says, read with the standard library alone, as a sorted list of {component: text} with the
    /// attributes of series, groups and datasets laid onto each observation. A component without a value is left out.
    static let observations = #"""
        import csv, io, json, sys
        import xml.etree.ElementTree as ET

        def local(name):
            return name.rsplit("}", 1)[-1]

        def values(node):
            return {v.get("id"): v.get("value") for v in node if local(v.tag) == "Value"} if node is not None else {}

        def child(node, name):
            return next((c for c in node if local(c.tag) == name), None)

        def structure_specific(data):
            common = {k: v for k, v in data.attrib.items() if not k.startswith("{")}
            groups = [{k: v for k, v in g.attrib.items() if not k.startswith("{")} for g in data if local(g.tag) == "Group"]
            for series in data:
                if local(series.tag) != "Series":
                    continue
                for obs in series:
                    yield {**common, **series.attrib, **obs.attrib}, groups

        def generic(data):
            common = values(child(data, "Attributes"))
            groups = [{**values(child(g, "GroupKey")), **values(child(g, "Attributes"))} for g in data if local(g.tag) == "Group"]
            for series in data:
                if local(series.tag) != "Series":
                    continue
                key = {**values(child(series, "SeriesKey")), **values(child(series, "Attributes"))}
                for obs in series:
                    if local(obs.tag) != "Obs":
                        continue
                    value = child(obs, "ObsValue")
                    row = {**common, **key, **values(child(obs, "Attributes")), "TIME_PERIOD": child(obs, "ObsDimension").get("value")}
                    if value is not None:
                        row["OBS_VALUE"] = value.get("value")
                    yield row, groups

        def with_groups(rows, dimensions):
            for row, groups in rows:
                for group in groups:
                    if all(row.get(k) == v for k, v in group.items() if k in dimensions):
                        row = {**group, **row}
                yield row

        def xml(path):
            root = ET.parse(path).getroot()
            read = generic if local(root.tag) == "GenericData" else structure_specific
            dimensions = set(DIMENSIONS)
            for data in root:
                if local(data.tag) == "DataSet":
                    yield from with_groups(read(data), dimensions)

        def separated(path):
            with open(path, encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file, strict=True):
                    yield {k: v for k, v in row.items() if k not in ("DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "ACTION")}

        def text(component, value):
            choices = component.get("values")
            if value is None or not choices or not isinstance(value, int):
                return str(value) if isinstance(value, int) else value
            return choices[value].get("id", choices[value].get("value"))

        def laid(components, values):
            return {c["id"]: text(c, v) for c, v in zip(components, values)}

        def jsonic(path):
            with open(path, encoding="utf-8") as file:
                # A number keeps the text it has in the message: 2.680 is not 2.68.
                data = json.load(file, parse_float=str)["data"]
            for dataset in data["dataSets"]:
                structure = data["structures"][dataset["structure"]]
                dims, attrs = structure["dimensions"], structure.get("attributes", {})
                measures = structure.get("measures", {}).get("observation", [])
                common = laid(dims.get("dataSet", []), [0] * len(dims.get("dataSet", [])))
                common.update(laid(attrs.get("dataSet", []), dataset.get("attributes", [])))
                for key, series in dataset["series"].items():
                    head = {**common, **laid(dims["series"], [int(i) for i in key.split(":")]), **laid(attrs.get("series", []), series.get("attributes", []))}
                    for period, cells in series["observations"].items():
                        row = {**head, **laid(dims["observation"], [int(period)])}
                        row.update(laid(measures, cells))
                        row.update(laid(attrs.get("observation", []), cells[len(measures):]))
                        for group, cells2 in dataset.get("dimensionGroupAttributes", {}).items():
                            at = laid([d for d in dims.get("dataSet", []) + dims["series"] + dims["observation"]], [int(i) if i else None for i in group.split(":")])
                            if all(v is None or row.get(k) == v for k, v in at.items()):
                                row = {**laid(attrs.get("dimensionGroup", []), cells2), **row}
                        yield row

        DIMENSIONS = "FREQ REPORTING_TYPE SERIES REF_AREA SEX AGE URBANISATION INCOME_WEALTH_QUANTILE EDUCATION_LEV OCCUPATION CUST_BREAKDOWN COMPOSITE_BREAKDOWN DISABILITY_STATUS ACTIVITY PRODUCT TIME_PERIOD".split()

        def tidy(rows):
            return sorted(({k: v for k, v in row.items() if v not in (None, "")} for row in rows), key=lambda row: [row.get(d, "") for d in DIMENSIONS])

        def observations(path):
            return tidy(xml(path) if path.endswith(".xml") else jsonic(path) if path.endswith(".json") else separated(path))

        def compare(name, expected, got):
            assert len(expected) == len(got), f"{name}: {len(got)} observations, expected {len(expected)}"
            for a, b in zip(expected, got):
                assert a == b, f"{name}: {sorted(a.items() ^ b.items())} at {[a.get(d) for d in DIMENSIONS]}"

        """#

    /// Every file says what the first one says: FILE FILE…
    static let allEqual =
        observations + #"""
            expected = observations(sys.argv[1])
            for path in sys.argv[2:]:
                compare(path, expected, observations(path))
            print(len(expected))

            """#

    /// pysdmx reads from every file what the first says: REFERENCE FILE…. It makes floating-point numbers of a column of figures: 30 and 30.0 are one.
    static let pysdmx =
        observations + #"""
            import warnings
            warnings.simplefilter("ignore")
            from pysdmx.io import read_sdmx

            def number(row):
                try:
                    return {**row, "OBS_VALUE": repr(float(row["OBS_VALUE"]))}
                except (KeyError, ValueError):
                    return row

            expected = [number(row) for row in observations(sys.argv[1])]
            for path in sys.argv[2:]:
                rows = []
                for dataset in read_sdmx(path, validate=False).data:
                    frame = dataset.data.astype(object)
                    for row in frame.where(frame.notna(), None).to_dict("records"):
                        rows.append({**dataset.attributes, **row})
                compare("pysdmx " + path, expected, [number(row) for row in tidy(rows)])
            print(len(expected))

            """#

    /// sdmx1 reads from every file what the first says: STRUCTURE REFERENCE FILE…
    static let sdmx1 =
        observations + #"""
            import logging, warnings
            warnings.simplefilter("ignore")
            logging.disable(logging.CRITICAL)
            import sdmx
            dsd = next(iter(sdmx.read_sdmx(sys.argv[1]).structure.values()))
            expected = observations(sys.argv[2])

            def plain(value):
                value = getattr(value, "value", value)
                return None if value is None else str(getattr(value, "id", value))

            for path in sys.argv[3:]:
                rows = []
                for dataset in sdmx.read_sdmx(path, structure=dsd).data:
                    for obs in dataset.obs:
                        row = {k: plain(v) for k, v in obs.key.values.items()}
                        row.update({k: plain(v) for k, v in obs.attrib.items()})
                        row["OBS_VALUE"] = None if obs.value is None else str(obs.value)
                        rows.append(row)
                compare("sdmx1 " + path, expected, tidy(rows))
            print(len(expected))

            """#
}
