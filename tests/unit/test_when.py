"""When patients can come, as they say it. Today is Tuesday, November 10, 2026, half past nine in the morning."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.language.when import When, read_when

TZ = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 10, 9, 30, tzinfo=TZ)


def brief(text: str, now: datetime = NOW) -> tuple[str | None, str | None]:
    """The days and hours in short: "2026-11-17", "2026-11-16..2026-11-20", "14:00..", None."""
    said = read_when(text, now, TZ).as_json()
    return short(said["date"]), short(said["time"])


def short(value: Any) -> str | None:
    return f"{value['from'] or ''}..{value['to'] or ''}" if isinstance(value, dict) else value


NEXT_WEEK = "2026-11-16..2026-11-20"
WEEKEND = "2026-11-14..2026-11-15"
DAYS = """
next tuesday | 2026-11-17
this thursday | 2026-11-12
tuesday | 2026-11-17
this coming friday | 2026-11-13
friday after next | 2026-11-27
a week from friday | 2026-11-20
a week from next tuesday | 2026-11-24
tuesday week | 2026-11-24
in two weeks | 2026-11-24
a couple weeks from now | 2026-11-24
in a week or two | 2026-11-17..2026-11-24
in about 3 weeks | 2026-12-01
in 2-3 weeks | 2026-11-24..2026-12-01
in 3 days | 2026-11-13
in 6 months | 2027-05-10
a month from now | 2026-12-10
two weeks from Friday | 2026-11-27
two weeks from tomorrow | 2026-11-25
a week from today | 2026-11-17
day after tomorrow | 2026-11-12
not tomorrow, the day after | 2026-11-12
tomorrow or the day after | 2026-11-11..2026-11-12
the weekend | 2026-11-14..2026-11-15
this weekend | 2026-11-14..2026-11-15
next weekend | 2026-11-21..2026-11-22
weekends only | 2026-11-14..2026-11-15
saturday or sunday | 2026-11-14..2026-11-15
this week | 2026-11-10..2026-11-15
later this week | 2026-11-11..2026-11-15
next week | 2026-11-16..2026-11-20
early next week | 2026-11-16..2026-11-17
end of the week | 2026-11-12..2026-11-13
by the end of the week | ..2026-11-13
week after next | 2026-11-23..2026-11-27
this week or next | 2026-11-10..2026-11-20
next week or the week after | 2026-11-16..2026-11-27
after next week | 2026-11-21..
the week of the 17th | 2026-11-16..2026-11-20
week of december 7 | 2026-12-07..2026-12-11
next month | 2026-12-01..2026-12-31
sometime next month | 2026-12-01..2026-12-31
end of the month | 2026-11-24..2026-11-30
first week of January | 2027-01-01..2027-01-07
mid December | 2026-12-10..2026-12-20
early january | 2027-01-01..2027-01-10
in january | 2027-01-01..2027-01-31
first monday in december | 2026-12-07
last friday of the month | 2026-11-27
the second tuesday of december | 2026-12-08
1st of the month | 2026-12-01
the 15th | 2026-11-15
the 15th or 16th | 2026-11-15..2026-11-16
the twentieth | 2026-11-20
the 18th, a wednesday | 2026-11-18
wednesday the 18th | 2026-11-18
next thursday, the 19th | 2026-11-19
between the 3rd and the 10th | 2026-12-03..2026-12-10
from the 20th to the 24th | 2026-11-20..2026-11-24
nov 20-24 | 2026-11-20..2026-11-24
november 18 through 20 | 2026-11-18..2026-11-20
november 20th or 21st | 2026-11-20..2026-11-21
after the 12th | 2026-11-13..
any day after the 1st | 2026-12-02..
before the 20th | ..2026-11-19
no later than the 20th | ..2026-11-20
no earlier than the 20th | 2026-11-20..
starting the 20th | 2026-11-20..
from monday on | 2026-11-16..
not until december | 2026-12-01..
by friday | ..2026-11-13
december first | 2026-12-01
12/5 | 2026-12-05
11-18 | 2026-11-18
2026-12-07 | 2026-12-07
Feb 29 2028 | 2028-02-29
5 january 2027 | 2027-01-05
Thanksgiving | 2026-11-26
thanksgiving week | 2026-11-23..2026-11-27
black friday | 2026-11-27
the Friday after Thanksgiving | 2026-11-27
the week after Thanksgiving | 2026-11-30..2026-12-04
the weekend after thanksgiving | 2026-11-28..2026-11-29
monday the week after thanksgiving | 2026-11-30
the Monday before Thanksgiving | 2026-11-23
a week after thanksgiving | 2026-12-03
the day before Christmas | 2026-12-24
christmas eve | 2026-12-24
two days after christmas | 2026-12-27
before Christmas | ..2026-12-24
after christmas but before new years | 2026-12-26..2026-12-31
Monday after New Year's | 2027-01-04
first of the year | 2027-01-01
after the holidays | 2027-01-02..
between thanksgiving and christmas | 2026-11-26..2026-12-25
tomorrow or Thursday | 2026-11-11..2026-11-12
friday or next week | 2026-11-13..2026-11-20
tuesday or thursday next week | 2026-11-17..2026-11-19
next week sometime, tuesday or thursday would be best | 2026-11-17..2026-11-19
next tuesday or wednesday | 2026-11-17..2026-11-18
next week tuesday | 2026-11-17
not this friday but next | 2026-11-20
next friday not this friday | 2026-11-20
friday the 20th or monday the 23rd | 2026-11-20..2026-11-23
monday after next week | 2026-11-23
6 weeks out | 2026-12-22
first of next month | 2026-12-01
first week of the month | 2026-12-01..2026-12-07
before the end of the month | ..2026-11-30
before the end of the year | ..2026-12-31
late next week | 2026-11-18..2026-11-20
second week of december, tues or wed | 2026-12-08..2026-12-09
thursdayish | 2026-11-12
1/4/27 | 2027-01-04
on or after the 20th | 2026-11-20..
on or before the 20th | ..2026-11-20
between now and friday | 2026-11-10..2026-11-13
a week today | 2026-11-17
nov 16th - nov 20th | 2026-11-16..2026-11-20
jan 4th or later | 2027-01-04..
only after the first of the month when I get paid | 2026-12-02..
the mri was on 10/3 but I want a visit the week of dec 7 | 2026-12-07..2026-12-11
move my tuesday appointment to friday | 2026-11-13
reschedule from Tuesday to Thursday | 2026-11-12
I have an appointment on the 12th, can I move it to the 19th | 2026-11-19
instead of Tuesday can I come Thursday | 2026-11-12
I was seen on the 5th, can I come back the 19th | 2026-11-19
can it be the same day as my husband, november 18? | 2026-11-18
my daughter drives me and she's only off fridays | 2026-11-13
my son can only bring me on his day off which is wednesday | 2026-11-11
no, thursday | 2026-11-12
ok the 19th it is | 2026-11-19
wendsday | 2026-11-11
febuary 3 | 2027-02-03
decembr 8 | 2026-12-08
el miercoles | 2026-11-11
savado | 2026-11-14
pasado mañana | 2026-11-12
hoy o mañana | 2026-11-10..2026-11-11
el martes que viene | 2026-11-17
el próximo jueves | 2026-11-19
el martes de la próxima semana | 2026-11-17
la semana que viene, el jueves | 2026-11-19
la semana que entra | 2026-11-16..2026-11-20
de hoy en ocho | 2026-11-17
de hoy en quince | 2026-11-24
el lunes en ocho | 2026-11-23
en quince días | 2026-11-24
en 15 días | 2026-11-25
dentro de tres días | 2026-11-13
de aquí a dos semanas | 2026-11-24
a fin de mes | 2026-11-24..2026-11-30
a principios de enero | 2027-01-01..2027-01-10
la última semana de noviembre | 2026-11-24..2026-11-30
el primer lunes de diciembre | 2026-12-07
el 15 del mes que viene | 2026-12-15
quincena | 2026-11-15
después de la quincena | 2026-11-16..
la segunda quincena de diciembre | 2026-12-16..2026-12-31
el 5 de enero | 2027-01-05
el uno de diciembre | 2026-12-01
el 20 o el 21 | 2026-11-20..2026-11-21
del 20 al 24 | 2026-11-20..2026-11-24
entre el 20 y el 24 de noviembre | 2026-11-20..2026-11-24
después del 20 | 2026-11-21..
hasta el viernes | ..2026-11-13
antes de navidad | ..2026-12-24
el viernes después de Acción de Gracias | 2026-11-27
el lunes después de año nuevo | 2027-01-04
lunes, miércoles o viernes | 2026-11-11..2026-11-16
entre lunes y miércoles | 2026-11-16..2026-11-18
20/11/2026 para la cita | 2026-11-20
13/12 para la cita | 2026-12-13
cambiar mi cita del 12 de noviembre para el 19 | 2026-11-19
quiero cambiar mi cita del martes al jueves | 2026-11-12
para nochebuena no, mejor el 28 | 2026-11-28
buenos días, quiero una cita para el viernes | 2026-11-13
"""

HOURS = """
after 3 | 15:00..
before noon | ..12:00
between 2 and 4 | 14:00..16:00
2-4pm | 14:00..16:00
from 1 to 3 pm | 13:00..15:00
9 til noon | 09:00..12:00
around 10 | 10:00
half past two | 14:30
quarter to nine | 08:45
nine o'clock | 09:00
at ten thirty | 10:30
10ish | 10:00
3pm | 15:00
three pm | 15:00
three in the afternoon | 15:00
7 in the evening | 19:00
8 at night | 20:00
0930 | 09:30
at 1430 | 14:30
15:00 | 15:00
noon | 12:00
twenty to four | 15:40
at ten to two | 13:50
five-thirty pm | 17:30
11ish to 1ish | 11:00..13:00
gotta be out by noon | ..12:00
i clock out at 2 | 14:00..
i have to pick up my kids at 2:45 | ..14:45
I sleep till noon | 12:00..
the bus doesn't run before 9 | 09:00..
my ride can't come until 11 | 11:00..
eight to ten am | 08:00..10:00
2 or 2:30 works | 14:00..14:30
after school | 15:00..
after work | 17:00..
after my shift, so 7:30am or later | 07:30..
I get off at 3:30 so after that | 15:30..
kids get out of school at 3 so after 3:15 works | 15:15..
hey so i work at the plant till 3:30 every day | 15:30..
I work 9 to 5 so evenings | 17:00..20:00
I work nights so afternoons are best, after 2 | 14:00..17:00
my shift ends at 7am so first thing | 08:00..09:00
not before 10 please, I'm slow in the mornings | 10:00..
Honey I can't drive after dark so before 3 please | ..15:00
the bus drops me at 10:15 so 10:30 or later | 10:15..
anything but mornings | 12:00..
no mornings please | 12:00..
mornings only, 8 to 10 | 08:00..10:00
morning or afternoon is fine | 08:00..17:00
late morning early afternoon | 10:00..14:00
early evening | 17:00..18:00
end of day | 16:00..17:00
late afternoon | 15:00..17:00
on my lunch break | 12:00..13:00
can you make it 2:15 instead | 14:15
en la mañana | 08:00..12:00
por las mañanas | 08:00..12:00
a primera hora | 08:00..09:00
temprano por la mañana | 08:00..10:00
después de las 3 | 15:00..
antes del mediodía | ..12:00
antes de la una | ..13:00
entre 2 y 4 | 14:00..16:00
de las 9 a las 11 | 09:00..11:00
a las tres y media | 15:30
a las nueve menos cuarto | 08:45
cuarto para las tres | 14:45
a las diez y media de la mañana | 10:30
a las once | 11:00
como a las 3 | 15:00
no antes de las 10 | 10:00..
trabajo hasta las 3 | 15:00..
salgo a las 2 y media | 14:30..
cuando salga de trabajar como a las 6 | 18:00..
saliendo del trabajo | 17:00..
"""

BOTH = """
mañana por la tarde | 2026-11-11 | 12:00..17:00
mañana por la mañana | 2026-11-11 | 08:00..12:00
mañana a las tres y media | 2026-11-11 | 15:30
esta tarde | 2026-11-10 | 12:00..17:00
esta misma tarde | 2026-11-10 | 12:00..17:00
hoy por la noche | 2026-11-10 | 17:00..20:00
el lunes a las 9 de la mañana | 2026-11-16 | 09:00
el viernes por la tarde después de las 3 | 2026-11-13 | 15:00..17:00
el miércoles 18 a las 11 | 2026-11-18 | 11:00
20 de noviembre a las 2 de la tarde | 2026-11-20 | 14:00
tusday at 2 | 2026-11-17 | 14:00
thurs 10am | 2026-11-12 | 10:00
monday am | 2026-11-16 | 08:00..12:00
11am sharp on the 2nd | 2026-12-02 | 11:00
tuesdays in december after 4 | 2026-12-01 | 16:00..
a week from tomorrow morning | 2026-11-18 | 08:00..12:00
fri 2 | 2026-11-13 | 14:00
sat morning | 2026-11-14 | 08:00..12:00
tmrw @ 9 | 2026-11-11 | 09:00
tmrw morning b4 10 | 2026-11-11 | 08:00..10:00
fri the 13th at 10:15 | 2026-11-13 | 10:15
dec 7 at 9 | 2026-12-07 | 09:00
Dec. 7th, 2026 at 9:30 a.m. | 2026-12-07 | 09:30
11/18 @ 2 | 2026-11-18 | 14:00
nov eighteenth at eleven fifteen | 2026-11-18 | 11:15
on the twenty-first at two | 2026-11-21 | 14:00
around 10 in the morning on the 20th | 2026-11-20 | 10:00
tomorrow at half past nine | 2026-11-11 | 09:30
tomorrow 3ish | 2026-11-11 | 15:00
3 or 4 tomorrow | 2026-11-11 | 15:00..16:00
10-12 tomorrow | 2026-11-11 | 10:00..12:00
12 30 tomorrow | 2026-11-11 | 12:30
this afternoon | 2026-11-10 | 12:00..17:00
in an hour | 2026-11-10 | 10:30
mon-thurs after 4 | 2026-11-16..2026-11-19 | 16:00..
thursday of next week at 4 | 2026-11-19 | 16:00
between 10 and 2 on friday | 2026-11-13 | 10:00..14:00
tues b/w 1 and 3 | 2026-11-17 | 13:00..15:00
friday anytime after lunch | 2026-11-13 | 13:00..
I'm off Thursdays, anytime after 1 | 2026-11-12 | 13:00..
first thing in the morning tomorrow | 2026-11-11 | 08:00..09:00
sometime between the 18th and 20th, after 2 | 2026-11-18..2026-11-20 | 14:00..
can we do mon or wed morning | 2026-11-11..2026-11-16 | 08:00..12:00
"""

NOTHING = """
I may come
may I come in
march over there
sat in the lobby
i sat down
second opinion
for the second time
at 120 Main St
$15
two kids
my 2 kids need shots
call me at 312-555-0188
account 4471-22
my birthday is 3/4/1961
dob march 4 1961
nací el 5 de mayo de 1960
my zip is 60614
room 12
5th avenue
the 3rd floor
my 2nd visit
the first available
3 year old has a fever
i have 3 questions
my bp was 140/90
bp 12/8
I take my pills at 8
I've been sick for 3 days
since last friday
3 days ago
every 3 months
last tuesday
I got the bill on 10/3
good morning
buenas tardes, necesito una cita
have a good weekend
june is my nurse
my name is may
sun rash
we'd like to come in
24/7
as soon as possible
lo antes posible
tengo 45 años
mi hija tiene 3 meses
hace dos semanas me operaron
mi teléfono es 312 555 0188
next available
"""


def rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split(" | ")) for line in table.strip().splitlines()]


@pytest.mark.parametrize(("text", "day"), rows(DAYS))
def test_days(text: str, day: str) -> None:
    assert brief(text) == (day, None)
    assert not read_when(text, NOW, TZ).ambiguous


@pytest.mark.parametrize(("text", "hour"), rows(HOURS))
def test_hours(text: str, hour: str) -> None:
    assert brief(text) == (None, hour)


@pytest.mark.parametrize(("text", "day", "hour"), rows(BOTH))
def test_days_with_hours(text: str, day: str, hour: str) -> None:
    assert brief(text) == (day, hour)


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_ordinary_sentences_say_nothing(text: str) -> None:
    assert read_when(text, NOW, TZ) == When()


@pytest.mark.parametrize(
    ("text", "excluded", "day"),
    [
        ("any day but Wednesday", {2}, None),
        ("any day next week but wednesday", {2}, NEXT_WEEK),
        ("weekdays", {5, 6}, None),
        ("monday through friday 9 to 5", {5, 6}, None),
        ("mondays and wednesdays don't work for me", {0, 2}, None),
        ("I can't do Tuesdays", {1}, None),
        ("I have dialysis Mondays Wednesdays and Fridays", {0, 2, 4}, None),
        ("i get dialysis on MWF so tues or thurs only", {0, 2, 4}, "2026-11-12..2026-11-17"),
        ("monday is bad but wednesday works", {0}, "2026-11-11"),
        ("I work mondays", {0}, None),
        ("cualquier día menos el miércoles", {2}, None),
        ("cualquier día de la próxima semana menos el viernes", {4}, NEXT_WEEK),
        ("no puedo los lunes", {0}, None),
        ("los martes no puedo", {1}, None),
        ("tengo diálisis lunes, miércoles y viernes", {0, 2, 4}, None),
        ("entre semana", {5, 6}, None),
    ],
)
def test_days_that_are_out(text: str, excluded: set[int], day: str | None) -> None:
    assert (read_when(text, NOW, TZ).excluded, brief(text)[0]) == (excluded, day)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nov 31", "impossible"),
        ("11/31", "impossible"),
        ("2/30/2027", "impossible"),
        ("feb 29", "impossible"),
        ("tuesday the 7th", "impossible"),
        ("monday november 18", "impossible"),
        ("el 31 de noviembre", "impossible"),
        ("oct 20", "past"),
        ("10/28", "past"),
        ("Nov 3 at 2", "past"),
        ("yesterday", "past"),
        ("ayer", "past"),
        ("5/12 por favor para mi cita", "ambiguous"),
    ],
)
def test_days_that_cannot_be(text: str, problem: str) -> None:
    said = read_when(text, NOW, TZ)
    assert (said.date, said.ambiguous, said.problem) == (None, True, problem)


def test_a_past_day_with_its_year_is_kept_as_past() -> None:
    said = read_when("January 5 2026", NOW, TZ)
    assert (said.date, said.problem) == (date(2026, 1, 5), "past")


def test_an_hour_gone_by_today_is_past() -> None:
    assert read_when("today at 8", NOW, TZ).problem == "past"
    assert read_when("today at 10", NOW, TZ).problem is None


def test_a_holiday_is_named_as_the_problem() -> None:
    def closed(day: date) -> str | None:
        return "Thanksgiving Day" if day == date(2026, 11, 26) else None

    assert read_when("thanksgiving", NOW, TZ, closed).problem == "holiday"
    assert read_when("the 27th", NOW, TZ, closed).problem is None


def test_today_is_the_day_of_the_clinic() -> None:
    late = datetime(2026, 11, 11, 3, 0, tzinfo=ZoneInfo("UTC"))
    assert brief("tomorrow", late)[0] == "2026-11-11"
    with pytest.raises(ValueError, match="zone"):
        read_when("tomorrow", late.replace(tzinfo=None), TZ)


def test_as_json() -> None:
    said = When((None, date(2026, 12, 24)), (time(15), None), False)
    assert said.as_json() == {
        "date": {"from": None, "to": "2026-12-24"},
        "time": {"from": "15:00", "to": None},
        "ambiguous": False,
    }
    assert When().as_json() == {"date": None, "time": None, "ambiguous": False}


PIECES = (
    "next this the monday wednesday fri sat sunday lunes miércoles week weeks month weekend in on at after before by "
    "from until between and or to - , . not but any day 2 3 7 12 15 30 31 2pm 9:30 12/5 11/31 0930 3rd 15th 31st first "
    "second two five nov february enero may de la el las mañana pasado tarde morning afternoon early late end mid of "
    "noon half past quarter thanksgiving christmas new year's navidad today tomorrow a few days que viene próximo "
    "quincena weekdays work school don't except cualquier menos antes después ocho 1061 2027 $ # @ eve holidays"
).split()
MOMENTS = st.builds(datetime.combine, st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.times(), tzinfo=st.just(TZ))
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=120), TEXTS), now=MOMENTS)
def test_any_text_is_read_and_gives_whole_answers(text: str, now: datetime) -> None:
    said = read_when(text, now, TZ)
    for ends in (said.date, said.time):
        if isinstance(ends, tuple):
            first, last = ends
            assert first is not None or last is not None
            assert first is None or last is None or first <= last  # type: ignore[operator]
    assert said.date is None or not said.ambiguous
    said.as_json()


@settings(max_examples=400, deadline=None)
@given(text=TEXTS.filter(lambda text: "2027" not in text), now=MOMENTS)
def test_no_day_lies_in_the_past_without_a_year(text: str, now: datetime) -> None:
    said = read_when(text, now, TZ)
    days = said.date if isinstance(said.date, tuple) else (said.date,)
    assert all(day is None or day >= now.date() for day in days)


@settings(max_examples=100, deadline=None)
@given(now=MOMENTS, weekday=st.integers(0, 6))
def test_a_weekday_comes_within_seven_days_and_next_week_starts_on_monday(now: datetime, weekday: int) -> None:
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    day = read_when(names[weekday], now, TZ).date
    assert isinstance(day, date)
    assert day.weekday() == weekday
    assert timedelta(1) <= day - now.date() <= timedelta(7)
    following = read_when(f"next {names[weekday]}", now, TZ).date
    week = read_when("next week", now, TZ).date
    assert isinstance(following, date)
    assert isinstance(week, tuple)
    assert week[0] is not None
    assert following - week[0] == timedelta(weekday)
