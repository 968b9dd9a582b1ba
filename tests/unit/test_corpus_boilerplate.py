"""Known forms of boilerplate are removed, and what only looks like them stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameshift.corpus.boilerplate import FORMS, Removal, remove_forms

BODY = "Ministers met on Friday to discuss the border."

REMOVED = {
    "advertisement": [
        "Advertisement",
        "ADVERTISEMENT",
        "Story continues below",
        "Sponsored content",
        "Advertisement - scroll on",
    ],
    "byline": [
        "By Jane Doe",
        "By Jane Doe and John van Dyke, Political Correspondent",
        "BY JANE DOE",
        "John Doe contributed to this report.",
        "—Jane Doe and Ann Other contributed to this article.",
        "Reporting by Jane Doe; editing by John Doe",
        "Updated on Jan. 10 at 8:05 a.m.",
        "Write to Jane Doe at jane.doe@example.org",
        "Write to Jane Doe at jane.doe@example.org and John Doe at john.doe@example.org",
        "Update 1239 BST (0739 EST)",
        "Updated at 12:33 p.m. EST on Friday, January 10, 2014",
        "Contributing: Jane Doe, The Daily",
    ],
    "caption": [
        "Photo: A. Doe/AFP",
        "Migrants wait at the gate. Photo: Jane Doe/AFP",
        "A boy looks on near the fence, in May. (Jane Doe/Reuters)",
        "The minister speaks. (Photo by Jane Doe/Getty Images)",
        "Slideshow (12 Images)",
        "CLOSE The minister spoke to voters. THE DAILY",
        "Photos: Storm "
        + "A boat lies on the beach after the storm. Hide Caption 1 of 2 " * 40
        + "Hide Caption 2 of 2",
        "Image copyright AFP Image caption The square on Monday",
        "Enlarge this image toggle caption Jane Doe/AP Jane Doe/AP",
        "JUST WATCHED What comes next Replay More Videos ... MUST WATCH What comes next 02:16",
        "The president waves. REUTERS/Jane Doe",
    ],
    "comments": [
        "Member comments",
        "Comments (12)",
        "12 comments",
        "Log in here to leave a comment.",
        "Become a Member to leave a comment.",
        "Join the conversation",
        "Comments on this article are now closed.",
    ],
    "copyright": ["Copyright © 2019 The Daily, LLC. All rights reserved.", "© 2018 The Daily", "All Rights Reserved"],
    "link": [
        "READ MORETwo held after a raid",
        "READ ALSO: Ministers to meet again",
        "SEE ALSO: Ministers to meet again",
        "Read more",
        "More: What the ministers said",
        "Related: What the ministers said",
        "What the ministers said in Rome Read more",
        "More on this story",
        "Click here to watch",
        "CLICK HERE TO GET THE DAILY APP",
    ],
    "newsletter": [
        "Sign up for Daily Newsletters",
        "Get the best of the week delivered to your inbox. By signing up, you agree to our Privacy Policy",
        "Newsletter Sign-up",
        "Subscribe now",
        "You can unsubscribe at any time.",
        "You have two free articles left this month.",
        "This story is free for registered readers.",
    ],
    "share": [
        "Share this article",
        "Share on Facebook",
        "Facebook Twitter WhatsApp Email",
        "Follow Jane Doe on Twitter @janedoe",
        "Follow us on Instagram",
        "Read or Share this story: https://example.org/2gCidSH",
        "GET THE DAILY APP",
    ],
}

KEPT = [
    "More than 100,000 applications were approved before the judge halted the program.",
    "More: he said so himself, and went on to describe how the two of them had met in the winter of that year near the "
    "border, where the guards had let them through without asking for papers, and what had become of them since then.",
    "By an overwhelming margin, Americans said they found voting to be easy.",
    "By shelter in place, he meant people should stay indoors, keep doors locked and not answer doors for anyone.",
    "The White House declined to comment.",
    "The comments by party leaders echoed broad criticism from analysts.",
    "Sign up for an open borders policy, however, and vetting becomes nonexistent.",
    "The photo: a boy on a beach, face down, which went around the world within hours.",
    "Last week, he followed her on Twitter.",
    "She shared the video with 12 million followers on Facebook, police said.",
    "Related documents were found in the car.",
    "The newspaper Le Monde first reported the story, and Reuters confirmed it.",
    "He read more than the others.",
    "Police said the video, posted on Facebook, showed the attack.",
    "Follow the money, he told them.",
    "Update at 7:02 p.m. ET. The Meaning Of It All:",
    "Published in 1948, it was the first of his books to sell.",
    "Update the law, he told them, and 12 million people will be grateful.",
    "Listen to the article of the constitution, he said.",
    "Subscribers to the theory say that migration is the cause.",
    "Officials in London said that AP",
]


@pytest.mark.parametrize(("form", "line"), [(form, line) for form, lines in REMOVED.items() for line in lines])
@pytest.mark.parametrize("place", ["above", "between", "below"])
def test_lines_of_known_forms_are_removed_wherever_they_stand(form, line, place):
    lines = {"above": [line, BODY, BODY], "between": [BODY, line, BODY], "below": [BODY, BODY, line]}[place]
    assert remove_forms("\n".join(lines), "", FORMS) == (f"{BODY}\n{BODY}", [Removal(form, line)])


@pytest.mark.parametrize("line", KEPT)
def test_what_only_looks_like_them_stays(line):
    assert remove_forms(f"{BODY}\n{line}\n{BODY}", "Ministers meet", FORMS) == (f"{BODY}\n{line}\n{BODY}", [])


@pytest.mark.parametrize(("form", "lines"), REMOVED.items())
def test_a_form_that_is_not_asked_for_stays(form, lines):
    text = "\n".join([BODY, *lines])
    kept, removed = remove_forms(text, "", [other for other in FORMS if other != form])
    assert form not in {removal.form for removal in removed}
    assert remove_forms(text, "", [])[0] == text
    assert kept.startswith(BODY)


def test_the_headline_is_removed_however_its_quotes_are_written():
    title = "Isolde: ‘You won’t stop our ship’"
    text = f"{BODY}\nIsolde: 'You won't stop our ship'\n{BODY}"
    assert remove_forms(text, title, FORMS) == (f"{BODY}\n{BODY}", [Removal("headline", text.split("\n")[1])])
    assert remove_forms(BODY, "", FORMS) == (BODY, [])


def test_a_headline_far_down_is_a_quotation():
    text = "\n".join([BODY] * 8 + ["Ministers meet"])
    assert remove_forms(text, "Ministers meet", FORMS) == (text, [])


@pytest.mark.parametrize(
    ("dateline", "rest"),
    [
        ("WASHINGTON (Reuters) - ", "U.S. officials met."),
        ("NEW YORK — ", "Officials met."),
        ("KABUL, Afghanistan (AP) — ", "Officials met."),
        ("(CNN) — ", "Officials met."),
        ("PARIS, Jan. 5 (AFP) - ", "Officials met."),
        ("Beirut (AFP) - ", "“We met,” they said."),
    ],
)
def test_a_dateline_goes_without_the_sentence_behind_it(dateline, rest):
    assert remove_forms(dateline + rest, "", FORMS) == (rest, [Removal("dateline", dateline.strip())])


@pytest.mark.parametrize(
    "line",
    [
        "Trump — who has no plan — met officials.",
        "US-Mexico talks began on Friday.",
        "Co-operation is needed, NATO said.",
        "NATO said on Monday - for the second time - that it had met.",
        "COVID-19 spread.",
        "F-16 jets took off.",
    ],
)
def test_a_dash_alone_makes_no_dateline(line):
    assert remove_forms(line, "", FORMS) == (line, [])


def test_single_sentences_are_removed_from_a_text_without_lines():
    text = f"{BODY} Sign up for our newsletter here. {BODY} All rights reserved."
    kept, removed = remove_forms(text, "", FORMS)
    assert kept == f"{BODY} {BODY}"
    assert [removal.form for removal in removed] == ["newsletter", "copyright"]


@given(st.lists(st.sampled_from([BODY, *KEPT, *(line for lines in REMOVED.values() for line in lines)]), min_size=1))
def test_every_line_is_kept_or_listed_as_removed(lines):
    kept, removed = remove_forms("\n".join(lines), "Ministers meet", [form for form in FORMS if form != "dateline"])
    assert sorted([*filter(None, kept.split("\n")), *(removal.text for removal in removed)]) == sorted(lines)
