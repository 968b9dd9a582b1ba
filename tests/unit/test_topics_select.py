"""One fit chosen of each model, all articles assigned to its topics, and the topics described."""

import numpy as np
import polars as pl
import pytest
from test_topics_tokens import make_tokens

from frameshift.errors import UserError
from frameshift.topics import assign
from frameshift.topics.assign import assign_articles, describe_topics
from frameshift.topics.select import choose_fits, chosen_rows

NAN = float("nan")
NO_SCORES = {"c_v": 0.5, "diversity": 0.9, "exclusivity": 0.4, "coverage": 1.0, "outliers": 0.0, "seconds": 1.0}


def scored(*rows, model="lda") -> pl.DataFrame:
    """Scores of fits (n_topics, seed, npmi, stability, agreement)."""
    names = ("n_topics", "seed", "npmi", "stability", "agreement")
    table = pl.DataFrame([dict(zip(names, row, strict=True)) | NO_SCORES | {"model": model} for row in rows])
    return table.with_columns(
        pl.col("npmi", "stability", "agreement").cast(float), setting=pl.format("n_topics={}", "n_topics")
    )


def choice(scores: pl.DataFrame, by=("npmi", "stability")) -> list[tuple]:
    return choose_fits(scores, by).filter("chosen").select("n_topics", "seed").rows()


def test_one_lucky_seed_does_not_choose_a_setting():
    lucky = [(10, 1, 0.9, 0.5, 0), (10, 2, 0.0, 0.5, 0)]
    steady = [(20, 1, 0.5, 0.5, 0), (20, 2, 0.5, 0.5, 0)]
    assert choice(scored(*lucky, *steady), ["npmi"]) == [(20, 1)]


def test_the_best_mean_rank_is_chosen_and_not_the_best_mean():
    rows = [(10, 1, 0.9, 0.1, 0), (20, 1, 0.3, 0.3, 0), (30, 1, 0.2, 0.4, 0), (40, 1, 0.1, 0.2, 0)]
    # ranks 1 and 4, 2 and 2, 3 and 1, 4 and 3
    assert choice(scored(*rows[:2], *rows[3:])) == [(20, 1)]
    assert choice(scored(*rows), ["npmi"]) == [(10, 1)]
    assert choice(scored(*rows), ["stability"]) == [(30, 1)]


def test_of_equal_settings_the_one_with_fewer_topics_is_chosen():
    assert choice(scored((30, 1, 0.5, 0.5, 0), (9, 1, 0.5, 0.5, 0), (20, 1, 0.5, 0.5, 0))) == [(9, 1)]
    assert choice(scored((30, 1, 0.6, 0.5, 0), (9, 1, 0.5, 0.6, 0))) == [(9, 1)]


def test_of_the_seeds_the_one_that_agrees_most_is_taken_and_of_equals_the_lowest():
    assert choice(scored((9, 3, 0.9, 1, 0.1), (9, 2, 0.1, 0, 0.8), (9, 1, 0.5, 0, 0.3))) == [(9, 2)]
    assert choice(scored((9, 3, 0.9, 1, 0.3), (9, 2, 0.1, 0, 0.3))) == [(9, 2)]


def test_where_there_is_one_seed_stability_ranks_nothing():
    assert choice(scored((30, 1, 0.7, NAN, NAN), (10, 1, 0.5, NAN, NAN))) == [(30, 1)]
    assert choice(scored((9, 1, 0.5, 0.5, NAN), (9, 2, 0.5, 0.5, 0.1))) == [(9, 2)]


def test_a_setting_without_any_rank_is_not_the_best():
    two_seeds, one_seed = [(30, 1, 0.5, 0.8, 0.5), (30, 2, 0.5, 0.8, 0.5)], (10, 1, 0.5, NAN, NAN)
    assert choice(scored(*two_seeds, one_seed), ["stability"]) == [(30, 1)]


def test_each_model_has_its_choice_and_no_row_is_lost():
    lda = scored((10, 1, 0.5, 0.5, 0), (20, 1, 0.9, 0.9, 0))
    nmf = scored((10, 1, 0.2, 0.2, 0), (20, 1, 0.1, 0.1, 0), model="nmf")
    selection = choose_fits(pl.concat([lda, nmf]), ["npmi"])
    assert selection.drop("chosen").equals(pl.concat([lda, nmf]))
    assert selection["chosen"].to_list() == [False, True, True, False]


def test_of_no_fits_none_is_chosen():
    selection = choose_fits(scored((10, 1, 0.5, 0.5, 0)).clear(), ["npmi"])
    assert selection.is_empty()
    assert "chosen" in selection.columns


def test_chosen_rows_are_those_of_the_chosen_fit_of_the_model():
    scores = [scored((10, 1, 0.5, 0.5, 0.1), (10, 2, 0.5, 0.5, 0.2), model=model) for model in ("lda", "nmf")]
    selection = choose_fits(pl.concat(scores), ["npmi"])
    table = selection.select("model", "setting", "seed", topic=pl.int_range(pl.len()))
    assert chosen_rows(table, selection, "nmf").to_dicts() == [{"topic": 3}]


LDA = {"vocabulary": np.array(["boat", "camp", "court", "judge"]), "topics": np.array([[1, 1, 1e-6, 1e-6]])}
LDA["topics"] = np.concatenate([LDA["topics"], LDA["topics"][:, ::-1]]).astype(np.float32)
SPACE = {"mean": np.zeros(2, np.float32), "components": np.eye(2, dtype=np.float32), "centres": np.eye(2)}


def as_fitted(n: int, topic=0, weight=0.5) -> pl.DataFrame:
    return pl.DataFrame({"article_id": [f"a{number:03d}" for number in range(n)], "topic": topic, "weight": weight})


def no_vectors(articles):
    raise AssertionError("a model of words reads no vectors")


def test_fitted_articles_stay_and_others_are_assigned_by_their_words():
    tokens = make_tokens("court judge", "boat", "court court", "boat camp camp")
    table, weights = assign_articles("lda", LDA, as_fitted(2, topic=[0, -1]), tokens, no_vectors)
    assert table["article_id"].to_list() == tokens.articles
    assert table["topic"].to_list() == [0, -1, 1, 0]
    assert table["weight"].to_list()[:2] == [0.5, 0.5]
    assert table["weight"].to_list()[2:] == pytest.approx(weights.max(axis=1)[2:].tolist(), abs=1e-3)
    assert table["fitted"].to_list() == [True, True, False, False]
    assert (weights.shape, weights.dtype) == ((4, 2), np.float16)


def test_words_that_the_fit_did_not_know_are_passed_over():
    known, more = make_tokens("court boat court"), make_tokens("abbey court zeal boat court delay")
    weights = [assign_articles("lda", LDA, as_fitted(1), tokens, no_vectors)[1] for tokens in (known, more)]
    assert weights[0].tolist() == weights[1].tolist()
    assert weights[0].argmax() == 1


def test_words_are_found_whatever_their_order_in_the_vocabulary_of_the_fit():
    tokens = make_tokens("boat", "judge camp judge")
    order = [2, 0, 3, 1]
    shuffled = {"vocabulary": LDA["vocabulary"][order], "topics": LDA["topics"][:, order]}
    weights = [
        assign_articles("lda", parameters, as_fitted(1), tokens, no_vectors)[1] for parameters in (LDA, shuffled)
    ]
    assert weights[0] == pytest.approx(weights[1])
    assert weights[1].argmax(axis=1).tolist() == [0, 1]


def test_a_new_article_that_no_topic_fits_has_none():
    nmf = LDA | {"rarity": np.ones(4, np.float32)}
    table, _ = assign_articles("nmf", nmf, as_fitted(1), make_tokens("boat", "zeal", "court"), no_vectors)
    assert table["topic"].to_list() == [0, -1, 1]
    assert table["weight"].to_list() == [0.5, 0, 1]


def test_vectors_are_read_batch_by_batch_in_the_order_of_the_articles(monkeypatch):
    monkeypatch.setattr(assign, "BATCH", 2)
    tokens = make_tokens("a", "b", "c", "d", "e")
    vectors = dict(zip(tokens.articles, np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 1]], strict=True))
    read = []

    def read_vectors(articles):
        read.append(articles)
        return np.stack([vectors[article] for article in articles])

    table, weights = assign_articles("kmeans", SPACE, as_fitted(1), tokens, read_vectors)
    assert read == [["a000", "a001"], ["a002", "a003"], ["a004"]]
    assert table["topic"].to_list() == [0, 1, 1, 0, 1]
    assert weights.shape == (5, 2)


def test_an_article_goes_to_the_nearest_topic_also_where_another_is_hardly_farther():
    vectors = np.array([[1, 0], [0.4999, 0.5001]], np.float32)
    table, _ = assign_articles("kmeans", SPACE, as_fitted(1), make_tokens("a", "b"), lambda articles: vectors)
    assert table["topic"].to_list() == [0, 1]


def test_the_corpus_must_hold_nine_tenths_of_the_fitted_articles():
    tokens = make_tokens(*["boat"] * 9)
    assert len(assign_articles("lda", LDA, as_fitted(10), tokens, no_vectors)[0]) == 9
    with pytest.raises(UserError, match=r"10 articles, of which 2 are no longer .*`topics.refit: true`"):
        assign_articles("lda", LDA, as_fitted(10), tokens.take(range(8)), no_vectors)


def describe(frex, assigned, articles=(), labels=None) -> pl.DataFrame:
    """Topics of these words; `assigned` are (article_id, topic, weight), `articles` (wire_cluster, title) of each."""
    ids = [article for article, *_ in assigned]
    articles = articles or [(article, article) for article in ids]
    wire, titles = zip(*articles, strict=True)
    return describe_topics(
        pl.DataFrame({"topic": range(len(frex)), "frex": frex}),
        pl.DataFrame(assigned, schema=["article_id", "topic", "weight"], orient="row"),
        pl.DataFrame({"article_id": ids, "wire_cluster": wire, "title": titles}),
        labels or {},
    )


def test_topics_are_named_by_the_configuration_else_by_three_words():
    frex = ["white_house border camp boat", "court judge law", "tax"]
    table = describe(frex, [("a", 0, 0.5)], labels={"1": "Courts", "7": "No such topic"})
    assert table["label"].to_list() == ["white house, border, camp", "Courts", "tax"]


def test_topics_have_their_sizes_and_the_three_heaviest_articles():
    assigned = [("a", 0, 0.1), ("b", 0, 0.9), ("c", -1, 1.0), ("d", 0, 0.5), ("e", 0, 0.9), ("f", 2, 0.2)]
    table = describe(["x", "y", "z"], assigned)
    assert table["n_articles"].to_list() == [4, 0, 1]
    assert table["articles"].to_list() == [["b", "e", "d"], [], ["f"]]


def test_typical_articles_are_no_two_of_one_wire_story_or_title():
    assigned = [("a", 0, 0.1), ("b", 0, 0.9), ("c", 0, 0.8), ("d", 0, 0.7), ("e", 0, 0.6), ("f", 0, 0.0)]
    articles = [("a", "low"), ("b", "high"), ("b", "other"), ("d", "high"), ("e", "next"), ("f", "last")]
    assert describe(["x"], assigned, articles)["articles"].to_list() == [["b", "e", "a"]]


def test_articles_without_a_title_are_not_taken_for_copies():
    assigned = [("a", 0, 0.9), ("b", 0, 0.8), ("c", 0, 0.7)]
    assert describe(["x"], assigned, [("a", ""), ("b", ""), ("c", "")])["articles"].to_list() == [["a", "b", "c"]]


def test_an_article_is_typical_of_its_topic_beside_a_copy_in_another():
    assigned, articles = [("a", 0, 0.9), ("b", 1, 0.8)], [("w", "same"), ("w", "same")]
    assert describe(["x", "y"], assigned, articles)["articles"].to_list() == [["a"], ["b"]]
