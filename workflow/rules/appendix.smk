# in:  the tables of the other rooms, nothing else
# out: figures/*: those of the appendix, each in four files as in figures.smk


rule plot_topic_shares:
    input:
        articles="<run>/corpus/articles.parquet",
        prevalence="<run>/comparisons/prevalence.parquet",
        topics=f"<run>/topics/{config['topics']['primary']}/topics.parquet",
    output:
        svg=report(
            "<run>/figures/topic_shares.svg",
            caption="../report/topic_shares.rst",
            category="Topics",
            labels={"figure": "topic shares"},
        ),
        pdf="<run>/figures/topic_shares.pdf",
        png="<run>/figures/topic_shares.png",
        csv="<run>/figures/topic_shares.csv",
    log:
        "<logs>/plot_topic_shares.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        model=config["topics"]["primary"],
        grain=GRAIN,
        n_topics=config["figures"]["topics"],
        n_sources=config["figures"]["sources"],
        code=code("plot_topic_shares"),
    message:
        "Drawing topic shares"
    script:
        "../scripts/plot_topic_shares.py"


rule plot_article_map:
    input:
        map="<run>/topics/map.parquet",
        assignments=f"<run>/topics/{config['topics']['primary']}/assignments.parquet",
        topics=f"<run>/topics/{config['topics']['primary']}/topics.parquet",
    output:
        svg=report(
            "<run>/figures/article_map.svg",
            caption="../report/article_map.rst",
            category="Topics",
            labels={"figure": "map of articles"},
        ),
        pdf="<run>/figures/article_map.pdf",
        png="<run>/figures/article_map.png",
        csv="<run>/figures/article_map.csv",
    log:
        "<logs>/plot_article_map.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        n_topics=config["figures"]["topics"],
        code=code("plot_article_map"),
    message:
        "Drawing the map of articles"
    script:
        "../scripts/plot_article_map.py"


rule plot_topic_selection:
    input:
        selection="<run>/topics/selection.parquet",
    output:
        svg=report(
            "<run>/figures/topic_selection.svg",
            caption="../report/topic_selection.rst",
            category="Topics",
            labels={"figure": "topic models compared"},
        ),
        pdf="<run>/figures/topic_selection.pdf",
        png="<run>/figures/topic_selection.png",
        csv="<run>/figures/topic_selection.csv",
    log:
        "<logs>/plot_topic_selection.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        criteria=config["topics"]["choose_by"],
        code=code("plot_topic_selection"),
    message:
        "Drawing how topic models compare"
    script:
        "../scripts/plot_topic_selection.py"


rule plot_breaks:
    input:
        articles="<run>/corpus/articles.parquet",
        changepoints="<run>/comparisons/changepoints.parquet",
        events=EVENTS_FILE,
    output:
        svg=report(
            "<run>/figures/breaks.svg",
            caption="../report/breaks.rst",
            category="Shifts",
            labels={"figure": "when framing broke"},
        ),
        pdf="<run>/figures/breaks.pdf",
        png="<run>/figures/breaks.png",
        csv="<run>/figures/breaks.csv",
    log:
        "<logs>/plot_breaks.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        given=config["comparisons"]["given"],
        n_sources=config["figures"]["sources"],
        code=code("plot_breaks"),
    message:
        "Drawing when framing broke"
    script:
        "../scripts/plot_breaks.py"


rule plot_event_responses:
    input:
        articles="<run>/corpus/articles.parquet",
        responses="<run>/comparisons/events.parquet",
        events=EVENTS_FILE,
    output:
        svg=report(
            "<run>/figures/event_responses.svg",
            caption="../report/event_responses.rst",
            category="Shifts",
            labels={"figure": "responses to events"},
        ),
        pdf="<run>/figures/event_responses.pdf",
        png="<run>/figures/event_responses.png",
        csv="<run>/figures/event_responses.csv",
    log:
        "<logs>/plot_event_responses.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        given=lambda wildcards: wildcards.get("given", "").replace("_", " ") or None,
        n_sources=config["figures"]["sources"],
        code=code("plot_event_responses"),
    message:
        "Drawing what each event moved"
    script:
        "../scripts/plot_event_responses.py"


use rule plot_event_responses as plot_event_responses_within with:
    output:
        svg=report(
            "<run>/figures/event_responses_{given}.svg",
            caption="../report/event_responses.rst",
            category="Shifts",
            labels={"figure": "responses to events, {given}"},
        ),
        pdf="<run>/figures/event_responses_{given}.pdf",
        png="<run>/figures/event_responses_{given}.png",
        csv="<run>/figures/event_responses_{given}.csv",
    log:
        "<logs>/plot_event_responses/{given}.log",
    message:
        "Drawing what each event moved within {wildcards.given}"


rule plot_event_paths:
    input:
        articles="<run>/corpus/articles.parquet",
        responses="<run>/comparisons/events.parquet",
        events=EVENTS_FILE,
    output:
        svg=report(
            "<run>/figures/event_paths.svg",
            caption="../report/event_paths.rst",
            category="Shifts",
            labels={"figure": "the course around events"},
        ),
        pdf="<run>/figures/event_paths.pdf",
        png="<run>/figures/event_paths.png",
        csv="<run>/figures/event_paths.csv",
    log:
        "<logs>/plot_event_paths.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        given=lambda wildcards: wildcards.get("given", "").replace("_", " ") or None,
        n_sources=config["figures"]["sources"],
        code=code("plot_event_paths"),
    message:
        "Drawing the course around each event"
    script:
        "../scripts/plot_event_paths.py"


use rule plot_event_paths as plot_event_paths_within with:
    output:
        svg=report(
            "<run>/figures/event_paths_{given}.svg",
            caption="../report/event_paths.rst",
            category="Shifts",
            labels={"figure": "the course around events, {given}"},
        ),
        pdf="<run>/figures/event_paths_{given}.pdf",
        png="<run>/figures/event_paths_{given}.png",
        csv="<run>/figures/event_paths_{given}.csv",
    log:
        "<logs>/plot_event_paths/{given}.log",
    message:
        "Drawing the course around each event within {wildcards.given}"


rule plot_source_distances:
    input:
        articles="<run>/corpus/articles.parquet",
        distances="<run>/comparisons/distances.parquet",
    output:
        svg=report(
            "<run>/figures/source_distances.svg",
            caption="../report/source_distances.rst",
            category="Framing",
            labels={"figure": "distances between sources"},
        ),
        pdf="<run>/figures/source_distances.pdf",
        png="<run>/figures/source_distances.png",
        csv="<run>/figures/source_distances.csv",
    log:
        "<logs>/plot_source_distances.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        n_sources=config["figures"]["sources"],
        code=code("plot_source_distances"),
    message:
        "Drawing how far sources are apart"
    script:
        "../scripts/plot_source_distances.py"


rule plot_source_frame_heatmap:
    input:
        articles="<run>/corpus/articles.parquet",
        prevalence="<run>/comparisons/prevalence.parquet",
    output:
        svg=report(
            "<run>/figures/source_frame_heatmap.svg",
            caption="../report/source_frame_heatmap.rst",
            category="Framing",
            labels={"figure": "sources and frames"},
        ),
        pdf="<run>/figures/source_frame_heatmap.pdf",
        png="<run>/figures/source_frame_heatmap.png",
        csv="<run>/figures/source_frame_heatmap.csv",
    log:
        "<logs>/plot_source_frame_heatmap.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        given=config["comparisons"]["given"],
        measure=MEASURE,
        code=code("plot_source_frame_heatmap"),
    message:
        "Drawing sources against frames"
    script:
        "../scripts/plot_source_frame_heatmap.py"


rule plot_distinctive_words:
    input:
        articles="<run>/corpus/articles.parquet",
        words="<run>/comparisons/words.parquet",
        prevalence="<run>/comparisons/prevalence.parquet",
    output:
        svg=report(
            "<run>/figures/distinctive_words.svg",
            caption="../report/distinctive_words.rst",
            category="Language",
            labels={"figure": "words that set sources apart"},
        ),
        pdf="<run>/figures/distinctive_words.pdf",
        png="<run>/figures/distinctive_words.png",
        csv="<run>/figures/distinctive_words.csv",
    log:
        "<logs>/plot_distinctive_words.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        given=lambda wildcards: wildcards.get("given", "").replace("_", " ") or None,
        n_sources=config["figures"]["sources"],
        code=code("plot_distinctive_words"),
    message:
        "Drawing words that set sources apart"
    script:
        "../scripts/plot_distinctive_words.py"


use rule plot_distinctive_words as plot_distinctive_words_within with:
    output:
        svg=report(
            "<run>/figures/distinctive_words_{given}.svg",
            caption="../report/distinctive_words.rst",
            category="Language",
            labels={"figure": "words that set sources apart, {given}"},
        ),
        pdf="<run>/figures/distinctive_words_{given}.pdf",
        png="<run>/figures/distinctive_words_{given}.png",
        csv="<run>/figures/distinctive_words_{given}.csv",
    log:
        "<logs>/plot_distinctive_words/{given}.log",
    message:
        "Drawing words that set sources apart in what is about {wildcards.given}"
