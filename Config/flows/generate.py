#!/usr/bin/env python3
"""Writes made-up exports of the systems behind the flows, as those systems would write them.

    generate.py FLOW [--size N] [--seed N] [--period P] [--out PATH]
    generate.py --all                 writes every flow's sample again

FLOW is the name of a folder beside this program. --size is the number of records or, for a table, of the events that are counted in it. The same
arguments give the same bytes, on every version of Python: nothing is used but whole numbers and a generator of our own. Nobody in these files exists.
Whatever would name a person (name, document, register number) begins with MADE.UP., so that anybody can look for it in what has left.

Labels come from the flow's code lists (structure.xml), in the language of the system: a code added there turns up here, rarely.
"""
import argparse
import csv
import io
import os
import sys
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "MADE.UP."


class Draws:
    """SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere, unlike what random.choices promises."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFFFFFFFFFF

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def below(self, n):
        return (self.bits() * n) >> 64

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def one_of(self, values):
        return values[self.below(len(values))]

    def pick(self, weights):
        """From "A 5 B 1": A five times as often as B."""
        words = weights.split()
        at = self.below(sum(int(w) for w in words[1::2]))
        for value, weight in zip(words[::2], words[1::2]):
            at -= int(weight)
            if at < 0:
                return value
        raise ValueError(weights)

    def leaf(self, codes, weights):
        """A code of a list by weight; about one in a hundred times any code without narrower ones."""
        return self.one_of(codes.leaves) if self.below(100) == 0 else self.pick(weights)


class Codes:
    """A code list of a structure message: labels and parents."""

    def __init__(self, flow, name, message="structure.xml"):
        structure = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure}"
        common = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common}"
        self.order, self.names, self.parent = [], {}, {}
        for codelist in ElementTree.parse(os.path.join(HERE, flow, message)).getroot().iter(structure + "Codelist"):
            if codelist.get("id") != name:
                continue
            for code in codelist.findall(structure + "Code"):
                self.order.append(code.get("id"))
                self.names[code.get("id")] = {n.get("{http://www.w3.org/XML/1998/namespace}lang"): n.text for n in code.findall(common + "Name")}
                parent = code.find(structure + "Parent/Ref")
                self.parent[code.get("id")] = None if parent is None else parent.get("id")
        if not self.order:
            raise SystemExit(f"{flow}/{message} has no code list {name}")
        parents = set(self.parent.values())
        self.leaves = [code for code in self.order if code not in parents]
        self.place = {code: i for i, code in enumerate(self.order)}

    def label(self, code, language):
        return self.names[code].get(language) or self.names[code]["en"]

    def upwards(self, code):
        while code is not None:
            yield code
            code = self.parent[code]


def counted(events, dimensions):
    """The sums of events over all codes and their parents: rows of codes in the order of the code lists, each with its count."""
    sums = {}
    for event in events:
        keys = [()]
        for name, codes in dimensions:
            keys = [key + (code,) for key in keys for code in codes.upwards(event[name])]
        for key in keys:
            sums[key] = sums.get(key, 0) + 1
    place = lambda item: [codes.place[code] for code, (_, codes) in zip(item[0], dimensions)]
    return sorted(sums.items(), key=place)


FAMILIES = {
    "hy": "Հակոբյան Սարգսյան Գրիգորյան Պետրոսյան Մարտիրոսյան Խաչատրյան Ավետիսյան Վարդանյան Ստեփանյան Մկրտչյան".split(),
    "sq": "Hoxha Shehu Prifti Gjoka Kola Dervishi Leka Marku Meta Bardhi".split(),
    "en": "Smith Ivanov Khan Silva Haddad Rossi Nguyen Ali Novak Petrov".split(),
}
BORN = "0 4 5 6 12 8 18 16 25 30 35 24 45 14 55 8 65 5 75 2"


def person(draws, language):
    return f"{MARK}{draws.between(1000000, 9999999)}", f"{MARK} {draws.one_of(FAMILIES[language])}"


def age(draws, bands=BORN):
    return int(draws.pick(bands)) + draws.below(5)


def days_of(period):
    return {"02": 28, "04": 30, "06": 30, "09": 30, "11": 30}.get(period[5:7], 31)


def day(draws, period):
    """A day of a month, or of a year."""
    month = period if len(period) == 7 else f"{period}-{draws.between(1, 12):02}"
    return f"{month}-{draws.between(1, days_of(month)):02}"


# MARK: Registers: a row is a record.


def border_crossings_am(draws, size, period):
    flow, hy = "border-crossings-am", "hy"
    direction, point, country, sex, purpose = (Codes(flow, "CL_" + n) for n in ("DIRECTION", "CROSSING_POINT", "CITIZENSHIP", "SEX", "PURPOSE"))
    yield ["Գրառում", "Փաստաթուղթ", "Անուն", "Ուղղություն", "Անցակետ", "Քաղաքացիություն", "Սեռ", "Տարիք", "Նպատակ", "Հատման պահ"]
    traveller = None
    for number in range(size):
        back = traveller is not None and draws.below(3) == 0
        if not back:
            document, name = person(draws, hy)
            traveller = [
                document, name, "IN", draws.pick("EVN 60 LWN 4 BAGRATASHEN 16 BAVRA 7 GOGAVAN 3 AGARAK 8 AYRUM 2"),
                draws.leaf(country, "AM 46 RU 15 BY 1 KZ 1 O_CIS 2 DE 2 FR 3 GR 1 O_EU 2 IR 8 LB 1 SY 1 IQ 1 O_MENA 1 GE 8 UA 1 IN 3 CN 1 US 3 O_OTHER 2"),
                draws.pick("M 56 F 44"), age(draws), draws.pick("TOURISM 45 WORK 20 STUDY 6 FAMILY 22 OTHER 7"),
            ]
            traveller[2] = draws.pick("IN 52 OUT 48")
        else:
            traveller[2] = "OUT" if traveller[2] == "IN" else "IN"
        document, name, way, where, citizen, gender, years, why = traveller
        moment = f"{day(draws, period)}T{draws.below(24):02}:{draws.below(60):02}:{draws.below(60):02}"
        yield [f"{MARK}{number + 1:06}", document, name, direction.label(way, hy), point.label(where, hy), country.label(citizen, hy), sex.label(gender, hy), years,
               purpose.label(why, hy), moment]
        if back:
            traveller = None


def entries_exits_al(draws, size, period):
    flow, sq = "entries-exits-al", "sq"
    movement, point, country, sex = (Codes(flow, "CL_" + n) for n in ("MOVEMENT", "BORDER_POINT", "CITIZENSHIP", "SEX"))
    yield ["Nr. regjistrimi", "Nr. dokumenti", "Emri dhe mbiemri", "Lloji i lëvizjes", "Pika kufitare", "Shtetësia", "Gjinia", "Mosha", "Data"]
    for number in range(size):
        document, name = person(draws, sq)
        kind = draws.pick("ENTRY 49 EXIT 47 OVERSTAY 4")
        own = "AL 40 " if kind != "OVERSTAY" else ""
        citizen = draws.leaf(country, own + "XK 16 MK 6 ME 4 RS 3 BA 1 O_WB 1 IT 9 GR 6 DE 4 PL 4 O_EU 4 SY 1 IR 1 EG 1 MA 1 O_MENA 1 BD 1 IN 2 NP 1 TR 3 UA 1 PH 1 GB 3 US 3 O_OTHER 2")
        if kind == "OVERSTAY" and citizen == "AL":
            citizen = "TR"
        yield [f"{MARK}{number + 1:06}", document, name, movement.label(kind, sq),
               point.label(draws.pick("KAKAVIJE 16 KAPSHTICE 9 QAFE_THANE 8 MORINE 14 HANI_I_HOTIT 9 RINAS 34 KUKES 1 DURRES 6 VLORE 2 SARANDE 4"), sq),
               country.label(citizen, sq), sex.label(draws.pick("M 57 F 43"), sq), age(draws), day(draws, period)]


def population_register_am(draws, size, period):
    flow, hy = "population-register-am", "hy"
    area, sex, country = (Codes(flow, "CL_" + n) for n in ("AREA", "SEX", "CITIZENSHIP_GROUP"))
    moved = Codes(flow, "CL_MOVE_STATUS", "records.xml")
    yield ["ՀԾՀ", "Անուն Ազգանուն", "Հասցե", "Մարզ", "Սեռ", "Տարիք", "Քաղաքացիություն", "Տեղաշարժ", "Տարի"]
    for number in range(size):
        register, name = person(draws, hy)
        yield [f"{register}{number:04}", name, f"{MARK} փողոց {draws.between(1, 99)}",
               area.label(draws.pick("AM-ER 38 AM-AG 4 AM-AR 9 AM-AV 9 AM-GR 8 AM-LO 7 AM-KT 9 AM-SH 8 AM-SU 4 AM-VD 2 AM-TV 4"), hy),
               sex.label(draws.pick("M 47 F 53"), hy), age(draws, "0 6 5 7 10 7 15 6 20 6 25 7 30 8 35 8 40 7 45 6 50 6 55 7 60 7 65 5 70 4 75 2 80 2 85 1"),
               country.label(draws.pick("AM 93 RU 4 OTHER 3"), hy), moved.label(draws.pick("STAYED 90 IMMIGRATED 3 EMIGRATED 4 INTERNAL 3"), hy), period[:4]]


def permits_am(draws, size, period):
    flow = "permits-am"
    sex, country = (Codes(flow, "CL_" + n) for n in ("SEX", "CITIZENSHIP"))
    yield ["Permit", "Passport", "Name", "Citizenship", "Sex", "Age", "Issued"]
    for number in range(size):
        document, name = person(draws, "en")
        yield [f"{MARK}{number + 1:05}", document, name,
               country.label(draws.pick("RU 34 BY 5 KZ 5 DE 2 FR 3 GR 2 IR 11 LB 4 SY 4 IN 20 CN 4 US 6"), "en"), sex.label(draws.pick("M 61 F 39"), "en"),
               age(draws, "0 3 5 3 10 3 15 6 20 20 25 22 30 18 35 10 45 9 55 5 65 3 75 1"), day(draws, period)]


def permits_al(draws, size, period):
    flow, sq = "permits-al", "sq"
    country, sex, sector, basis = (Codes(flow, "CL_" + n) for n in ("CITIZENSHIP", "SEX", "SECTOR", "BASIS"))
    yield ["Nr. lejes", "Nr. pasaporte", "Emri", "Punëdhënësi", "Shtetësia", "Gjinia", "Mosha", "Sektori", "Baza", "Data e lëshimit"]
    for number in range(size):
        document, name = person(draws, "en")
        yield [f"{MARK}{number + 1:05}", document, name, f"{MARK} shpk {draws.between(1, 60)}",
               country.label(draws.leaf(country, "XK 6 MK 4 RS 2 IT 9 GR 3 DE 2 PL 1 O_EU 2 EG 4 O_MENA 2 BD 11 IN 13 NP 9 PK 3 TR 14 CN 5 PH 7 GB 1 US 1 O_OTHER 3"), sq),
               sex.label(draws.pick("M 74 F 26"), sq), age(draws, "15 2 20 22 25 24 30 20 35 10 45 12 55 7 65 1"),
               sector.label(draws.pick("A 6 C 26 F 22 G 12 I 20 J 6 OTHER 8"), sq), basis.label(draws.pick("EMPLOYEE 72 SELF 10 SEASONAL 14 OTHER 4"), sq), day(draws, period[:4])]


def trafficking_victims_am(draws, size, period):
    flow = "trafficking-victims-am"
    yield ["Case", "Name", "Public service number", "Year", "Gender", "Age", "Age range", "Majority", "Citizenship", "Country of exploitation", "Exploitation",
           "Debt bondage", "Threats", "Restricts movement", "Withholds documents", "Abduction"]
    known = "Yes 35 No 45 ? 20"
    for number in range(size):
        register, name = person(draws, "hy")
        years = int(draws.pick("8 1 11 3 14 6 16 9 18 14 21 14 24 12 27 10 32 14 40 9 50 5")) + draws.below(2)
        band = next(label for last, label in [(8, "0--8"), (17, "9--17"), (20, "18--20"), (23, "21--23"), (26, "24--26"), (29, "27--29"), (38, "30--38"), (47, "39--47"), (130, "48+")] if years <= last)
        yield [f"{MARK}{number + 1:04}", name, register, int(period[:4]) - draws.below(12), draws.pick("Female 63 Male 37"), years, band,
               "Minor" if years < 18 else "Adult", draws.pick("ARMENIA 80 RUSSIA 3 UKRAINE 3 INDIA 7 IRAN 3 other 4"),
               draws.pick("ARMENIA 52 RUSSIA 26 UAE 9 TURKEY 8 other 5"), draws.pick("labour 48 sexual 44 other 8")] + [draws.pick(known) for _ in range(5)]


def advance_passenger(draws, size, period):
    flow = "advance-passenger"
    country, sex = Codes(flow, "CL_CITIZENSHIP"), Codes(flow, "CL_SEX")
    yield ["Booking line", "Document", "Name", "Flight", "Booking", "Citizenship", "Sex", "Age", "Arrival"]
    for number in range(size):
        document, name = person(draws, "en")
        yield [f"{MARK}{number + 1:06}", document, name, f"{MARK} {draws.between(100, 999)}", f"{MARK}{draws.between(10000, 99999)}",
               country.label(draws.pick("AM 40 RU 20 FR 5 DE 4 US 5 IR 6 IN 5 GE 4 CN 3 LB 2"), "en"), sex.label(draws.pick("M 52 F 48"), "en"), age(draws),
               f"{day(draws, period)}T{draws.below(24):02}:{draws.below(60):02}:00"]


# MARK: Tables: a row is a sum.


def apprehensions_al(draws, size, period):
    flow, sq = "apprehensions-al", "sq"
    country, sex, ages, need = (Codes(flow, "CL_" + n) for n in ("CITIZENSHIP", "SEX", "AGE_MINORS", "VULNERABILITY"))
    events = []
    for _ in range(size):
        years = draws.pick("Y_LT14 5 Y14T17 11 Y_GE18 84")
        alone = {"Y_LT14": "UAC 10 OTHER 10 NONE 80", "Y14T17": "UAC 55 VOT 1 OTHER 4 NONE 40", "Y_GE18": "VOT 1 OTHER 5 NONE 94"}[years]
        events.append({"C": draws.pick("SY 26 AF 22 PK 10 BD 9 IQ 6 IR 5 MA 6 EG 4 IN 3 TR 5 O_OTHER 3 SO 1"), "S": draws.pick("M 84 F 16"), "A": years, "V": draws.pick(alone)})
    yield ["Muaji", "Shtetësia", "Gjinia", "Grupmosha", "Cenueshmëria", "Nr. personave"]
    for (c, s, a, v), count in counted(events, [("C", country), ("S", sex), ("A", ages), ("V", need)]):
        yield [period, country.label(c, sq), sex.label(s, sq), ages.label(a, sq), need.label(v, sq), count]


def readmission(draws, size, period):
    flow, en = "readmission", "en"
    asking, outcome, kind, own, sex, ages = (Codes(flow, "CL_" + n) for n in ("REQUESTING", "OUTCOME", "RETURN_TYPE", "READMITTED", "SEX", "AGE_MAJORITY"))
    events = []
    for _ in range(size):
        result = draws.pick("RETURNED 46 NOT_RETURNED 18 REFUSED 14 PENDING 22")
        events.append({
            "R": draws.leaf(asking, "DE 38 FR 17 BE 6 NL 5 SE 5 AT 6 PL 7 GR 3 O_EU 6 CH 3 RU 2 GB 2"), "O": result,
            "T": draws.pick("VOLUNTARY 55 FORCED 45") if result == "RETURNED" else "_Z", "C": draws.pick("OWN 93 THIRD 7"), "S": draws.pick("M 67 F 33"), "A": draws.pick("Y_LT18 22 Y_GE18 78")})
    yield ["Quarter", "Reporting State", "Requesting State", "Decision", "Type of return", "Nationality", "Sex", "Age", "Cases"]
    quarter = f"{period[:4]}-Q{(int(period[5:7]) + 2) // 3}" if len(period) == 7 else period
    head = [quarter, "Armenia"]
    for (r, o, t), count in counted(events, [("R", asking), ("O", outcome), ("T", kind)]):
        yield head + [asking.label(r, en), outcome.label(o, en), kind.label(t, en), "Total", "Total", "Total", count]
    for (r, c, s, a), count in counted(events, [("R", asking), ("C", own), ("S", sex), ("A", ages)]):
        if (c, s, a) != ("_T", "_T", "_T"):
            yield head + [asking.label(r, en), "Total", "Total", own.label(c, en), sex.label(s, en), ages.label(a, en), count]


def displacement_dtm(draws, size, period):
    flow, en = "displacement-dtm", "en"
    area, sex, ages, status = (Codes(flow, "CL_" + n) for n in ("AREA", "SEX", "AGE_DTM", "STATUS"))
    events = [{
        "A": draws.pick("AM-ER 40 AM-AG 2 AM-AR 15 AM-AV 8 AM-GR 5 AM-LO 4 AM-KT 14 AM-SH 3 AM-SU 6 AM-VD 1 AM-TV 2"), "S": draws.pick("M 45 F 55"),
        "Y": draws.pick("Y_LT5 8 Y5T17 22 Y18T59 50 Y_GE60 20"), "D": draws.pick("REFUGEE 93 IDP 4 RETURNEE 3")} for _ in range(size)]
    # DTM tables carry a line of HXL tags under their header.
    yield ["Round", "Month", "Admin 1", "Status", "Sex", "Age", "Individuals"]
    yield ["#meta+round", "#date", "#adm1+name", "#affected+type", "#indicator+sex", "#indicator+age", "#affected+ind"]
    for (a, s, y), count in counted(events, [("A", area), ("S", sex), ("Y", ages)]):
        yield [5, period, area.label(a, en), "All", sex.label(s, en), ages.label(y, en), count]
    for (a, d), count in counted(events, [("A", area), ("D", status)]):
        if d != "_T":
            yield [5, period, area.label(a, en), status.label(d, en), "Total", "Total", count]


def labour_market_am(draws, size, period):
    flow, hy = "labour-market-am", "hy"
    area, activity, sex = (Codes(flow, "CL_" + n) for n in ("AREA", "ACTIVITY", "SEX"))

    def amount():
        """Thousand drams a month: many ordinary amounts, few very large ones."""
        base = draws.between(90, 420)
        return base * draws.between(8, 40) if draws.below(40) == 0 else base

    regions = "AM-ER 48 AM-AG 3 AM-AR 8 AM-AV 8 AM-GR 3 AM-LO 7 AM-KT 9 AM-SH 7 AM-SU 4 AM-VD 1 AM-TV 2"
    earning = [(draws.pick(regions), draws.pick("A 4 C 18 F 22 G 16 I 14 J 20 OTHER 6"), draws.pick("M 68 F 32"), amount()) for _ in range(size)]
    remitting = [(draws.pick(regions), "_T", draws.pick("M 58 F 42"), amount()) for _ in range(size)]
    yield ["Տարի", "Ցուցանիշ", "Մարզ", "Գործունեություն", "Սեռ", "Մլն դրամ", "Դիտարկումներ", "Առավելագույն", "Երկրորդ"]

    def sums(people, keep):
        cells = {}
        for where, what, who, much in people:
            for a in area.upwards(where):
                for b in activity.upwards(what):
                    if keep(a, b):
                        for c in sex.upwards(who):
                            cells.setdefault((a, b, c), []).append(much)
        return sorted(cells.items(), key=lambda cell: (area.place[cell[0][0]], activity.place[cell[0][1]], sex.place[cell[0][2]]))

    million = lambda thousand: f"{thousand // 1000}.{thousand % 1000:03}"
    for name, people, keep in [("Վաստակ", earning, lambda a, b: a == "AM" or b == "_T"), ("Տրանսֆերտներ", remitting, lambda a, b: True)]:
        for (a, b, c), amounts in sums(people, keep):
            largest = sorted(amounts, reverse=True) + [0]
            yield [period[:4], name, area.label(a, hy), activity.label(b, hy), sex.label(c, hy), million(sum(amounts)), len(amounts), million(largest[0]), million(largest[1])]


def migration_profile(draws, size, period):
    """One table for each flow that the profile is made from: {file name: rows}."""
    flow, en = "migration-profile", "en"
    country, sex, ages = (Codes(flow, "CL_" + n) for n in ("CITIZENSHIP", "SEX", "AGE_MAJORITY"))
    tables = {}
    for name, share in [("entries", 8), ("exits", 8), ("residence-permits", 4), ("asylum", 1), ("foreign-residents", 6)]:
        events = [{"C": draws.pick("CIS 45 EU 14 MENA 22 OTHER 19"), "S": draws.pick("M 58 F 42"), "A": draws.pick("Y_LT18 12 Y_GE18 88")} for _ in range(size * share // 8)]
        tables[name + ".csv"] = [["Year", "Citizenship", "Sex", "Age", "Number"]] + [
            [period[:4], country.label(c, en), sex.label(s, en), ages.label(a, en), count] for (c, s, a), count in counted(events, [("C", country), ("S", sex), ("A", ages)])]
    return tables


# MARK: The flows: generator, default size, default period, separator, encoding.
FLOWS = {
    "border-crossings-am": (border_crossings_am, 300, "2026-03", ",", "utf-8"),
    "entries-exits-al": (entries_exits_al, 450, "2026-03", ";", "windows-1252"),
    "apprehensions-al": (apprehensions_al, 420, "2026-03", ";", "windows-1252"),
    "readmission": (readmission, 420, "2026-01", ",", "utf-8"),
    "population-register-am": (population_register_am, 350, "2025", ",", "utf-8"),
    "permits-am": (permits_am, 600, "2026-03", ",", "utf-8"),
    "permits-al": (permits_al, 480, "2025", ";", "windows-1252"),
    "trafficking-victims-am": (trafficking_victims_am, 130, "2025", ",", "utf-8"),
    "labour-market-am": (labour_market_am, 240, "2025", ",", "utf-8"),
    "migration-profile": (migration_profile, 1200, "2025", ",", "utf-8"),
    "displacement-dtm": (displacement_dtm, 1500, "2026-03", ",", "utf-8"),
    "advance-passenger": (advance_passenger, 40, "2026-03", ",", "utf-8"),
}


def encoded(rows, separator, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def files(flow, seed, size, period):
    """{path below --out, or "" for --out itself: bytes}"""
    make, default_size, default_period, separator, encoding = FLOWS[flow]
    # Flows with one seed shall not go through the same numbers.
    draws = Draws(seed * 1_000_003 + sum(ord(letter) * (place + 1) for place, letter in enumerate(flow)))
    made = make(draws, default_size if size is None else size, period or default_period)
    if isinstance(made, dict):
        return {name: encoded(rows, separator, encoding) for name, rows in made.items()}
    return {"": encoded(made, separator, encoding)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flow", nargs="?", choices=sorted(FLOWS))
    parser.add_argument("--all", action="store_true", help="write the sample of every flow")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, help="records, or events counted")
    parser.add_argument("--period", help="such as 2026-03, or 2025")
    parser.add_argument("--out", help="file, or folder for a flow of several tables; standard output where left out")
    arguments = parser.parse_args()
    if arguments.all == bool(arguments.flow):
        parser.error("name a flow, or --all")
    if arguments.size is not None and arguments.size < 1:
        parser.error("--size is a number from 1 up")
    for flow in sorted(FLOWS) if arguments.all else [arguments.flow]:
        made = files(flow, arguments.seed, arguments.size, arguments.period)
        out = arguments.out if not arguments.all else os.path.join(HERE, flow, "sample.csv" if "" in made else "sample")
        for name, content in made.items():
            if out is None:
                sys.stdout.buffer.write(content)
                continue
            path = os.path.join(out, name) if name else out
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)


if __name__ == "__main__":
    main()
