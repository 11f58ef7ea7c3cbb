"""Makes up a data structure for a data message from the ids that stand in it, so that it can be read where its own structure is not at hand.

What stands on a series is taken for a dimension, what stands on an observation for an attribute of it: enough to compare values, not to check them.
"""
import csv
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

FLOW = "CONFORMANCE:MADE_UP(1.0)"
OWN = {"SERIES_KEY", "OBS_KEY", "DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"}
OF_DATASETS = {
    "type", "action", "structureRef", "setID", "keyFamilyURI", "datasetID", "dataflowID", "dataflowAgencyID", "validFromDate", "validToDate", "dataScope",
    "reportingBeginDate", "reportingEndDate", "publicationYear", "publicationPeriod", "dataProviderID", "dataProviderSchemeId", "dataProviderSchemeAgencyId",
}


def structure(path):
    """An SDMX-ML 2.1 structure message."""
    return message(*(of_csv(path) if path.endswith(".csv") else of_xml(path)))


def of_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        line = file.readline()
    separator = max(",;\t|", key=line.count)
    ids = [name.split(":")[0].split("[")[0].strip() for name in next(csv.reader([line], delimiter=separator))]
    ids = list(dict.fromkeys(id for id in ids if id and id not in OWN and id != "OBS_VALUE"))
    # In SDMX-CSV dimensions come first, the value behind them.
    cut = ids.index("TIME_PERIOD") + 1 if "TIME_PERIOD" in ids else max(1, len(ids) // 2)
    return ids[:cut], ids[cut:], [], []


def of_xml(path):
    dimensions, own, common, groups, at, holder = {}, {}, {}, {}, "TIME_PERIOD", ""

    def plain(node):
        return [name for name in node.attrib if "}" not in name and name not in OF_DATASETS]

    for event, node in ElementTree.iterparse(path, events=("start",)):
        local = node.tag.rsplit("}", 1)[-1]
        if local == "Structure" and "dimensionAtObservation" in node.attrib:
            at = node.get("dimensionAtObservation")
        elif local == "DataSet":
            common.update(dict.fromkeys(plain(node)))
        elif local == "Series":
            dimensions.update(dict.fromkeys(plain(node)))
        elif local == "Obs":
            (dimensions if at == "AllDimensions" else own).update(dict.fromkeys(plain(node)))
        elif local in ("Group", "Atts"):
            kind = next((value.split(":")[-1] for name, value in node.attrib.items() if name.endswith("type")), "Group")
            groups.setdefault(kind, {}).update(dict.fromkeys(plain(node)))
        elif local in ("SeriesKey", "ObsKey", "Attributes", "GroupKey"):
            holder = local
        elif local in ("Value", "Comp") and (id := node.get("id") or node.get("concept")):
            (own if holder == "Attributes" or local == "Comp" else dimensions)[id] = None
    dimensions.pop("OBS_VALUE", None)
    if at != "AllDimensions":
        dimensions[at] = None
    keys = list(dimensions)
    taken = dimensions.keys() | {"OBS_VALUE"}
    grouped = [(kind, [id for id in ids if id in taken], [id for id in ids if id not in taken]) for kind, ids in groups.items()]
    taken = taken | {id for _, _, ids in grouped for id in ids}
    return keys, [id for id in own if id not in taken], [id for id in common if id not in taken and id not in own], grouped


def message(dimensions, own, common, groups):
    def concept(id):
        return (
            f'<s:ConceptIdentity><Ref id={quoteattr(id)} maintainableParentID="MADE_UP" maintainableParentVersion="1.0" agencyID="CONFORMANCE" package="conceptscheme" '
            'class="Concept"/></s:ConceptIdentity>'
        )

    def attribute(id, relationship):
        return (
            f'<s:Attribute id={quoteattr(id)} assignmentStatus="Conditional">{concept(id)}<s:AttributeRelationship>{relationship}</s:AttributeRelationship></s:Attribute>'
        )

    parts = []
    for id in dimensions:
        if id == "TIME_PERIOD":
            form = '<s:LocalRepresentation><s:TextFormat textType="ObservationalTimePeriod"/></s:LocalRepresentation>'
            parts.append(f'<s:TimeDimension id="TIME_PERIOD">{concept(id)}{form}</s:TimeDimension>')
        else:
            parts.append(f"<s:Dimension id={quoteattr(id)}>{concept(id)}</s:Dimension>")
    parts.sort(key=lambda part: part.startswith("<s:TimeDimension"))
    group_parts, attributes = [], []
    for kind, keys, ids in groups:
        members = "".join(f'<s:GroupDimension><s:DimensionReference><Ref id={quoteattr(id)}/></s:DimensionReference></s:GroupDimension>' for id in keys)
        if keys and kind != "Group":
            group_parts.append(f"<s:Group id={quoteattr(kind)}>{members}</s:Group>")
            attributes += [attribute(id, f"<s:Group><Ref id={quoteattr(kind)}/></s:Group>") for id in ids]
        else:
            attributes += [attribute(id, "<s:None/>") for id in ids]
    attributes += [attribute(id, "<s:None/>") for id in common]
    attributes += [attribute(id, '<s:PrimaryMeasure><Ref id="OBS_VALUE"/></s:PrimaryMeasure>') for id in own]
    unique = list({part.split('"')[1]: part for part in attributes}.values())
    listed = f'<s:AttributeList id="AttributeDescriptor">{"".join(unique)}</s:AttributeList>' if unique else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<m:Structure xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
<m:Header><m:ID>MADE_UP</m:ID><m:Test>true</m:Test><m:Prepared>2026-01-01T00:00:00Z</m:Prepared><m:Sender id="CONFORMANCE"/></m:Header>
<m:Structures><s:Dataflows><s:Dataflow id="MADE_UP" agencyID="CONFORMANCE" version="1.0"><c:Name xml:lang="en">Made up</c:Name>
<s:Structure><Ref id="MADE_UP" agencyID="CONFORMANCE" version="1.0" package="datastructure" class="DataStructure"/></s:Structure></s:Dataflow></s:Dataflows>
<s:DataStructures><s:DataStructure id="MADE_UP" agencyID="CONFORMANCE" version="1.0"><c:Name xml:lang="en">Made up</c:Name><s:DataStructureComponents>
<s:DimensionList id="DimensionDescriptor">{"".join(parts)}</s:DimensionList>{"".join(group_parts)}{listed}
<s:MeasureList id="MeasureDescriptor"><s:PrimaryMeasure id="OBS_VALUE">{concept("OBS_VALUE")}</s:PrimaryMeasure></s:MeasureList>
</s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures></m:Structure>
"""
