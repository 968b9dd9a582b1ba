# in:  the tables of the other rooms, nothing else
# out: figures/*: each as .pdf, .svg and .png, and the table it was drawn from as .csv


rule plot_corpus_ledger:
    input:
        articles="<run>/corpus/articles.parquet",
        rejected="<run>/corpus/rejected.parquet",
        removed="<run>/corpus/removed.parquet",
    output:
        svg=report(
            "<run>/figures/corpus_ledger.svg",
            caption="../report/corpus_ledger.rst",
            category="Corpus",
            labels={"figure": "rows read and kept"},
        ),
        pdf="<run>/figures/corpus_ledger.pdf",
        png="<run>/figures/corpus_ledger.png",
        csv="<run>/figures/corpus_ledger.csv",
    log:
        "<logs>/plot_corpus_ledger.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        grain=GRAIN,
        n_sources=config["figures"]["sources"],
        code=code("plot_corpus_ledger"),
    message:
        "Drawing what became of the rows read"
    script:
        "../scripts/plot_corpus_ledger.py"


rule plot_corpus_over_time:
    input:
        articles="<run>/corpus/articles.parquet",
    output:
        svg=report(
            "<run>/figures/corpus_over_time.svg",
            caption="../report/corpus_over_time.rst",
            category="Corpus",
            labels={"figure": "articles over time"},
        ),
        pdf="<run>/figures/corpus_over_time.pdf",
        png="<run>/figures/corpus_over_time.png",
        csv="<run>/figures/corpus_over_time.csv",
    log:
        "<logs>/plot_corpus_over_time.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        grain="week",
        n_sources=config["figures"]["sources"],
        code=code("plot_corpus_over_time"),
    message:
        "Drawing the corpus over time"
    script:
        "../scripts/plot_corpus_over_time.py"


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


rule plot_framing_over_time:
    input:
        articles="<run>/corpus/articles.parquet",
        prevalence="<run>/comparisons/prevalence.parquet",
        events=EVENTS_FILE,
    output:
        svg=report(
            "<run>/figures/framing_over_time.svg",
            caption="../report/framing_over_time.rst",
            category="Framing",
            labels={"figure": "framing over time"},
        ),
        pdf="<run>/figures/framing_over_time.pdf",
        png="<run>/figures/framing_over_time.png",
        csv="<run>/figures/framing_over_time.csv",
    log:
        "<logs>/plot_framing_over_time.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        measure=MEASURE,
        grain=GRAIN,
        n_sources=config["figures"]["sources"],
        code=code("plot_framing_over_time"),
    message:
        "Drawing framing over time"
    script:
        "../scripts/plot_framing_over_time.py"


rule plot_joint_framing:
    input:
        articles="<run>/corpus/articles.parquet",
        prevalence="<run>/comparisons/prevalence.parquet",
        events=EVENTS_FILE,
    output:
        svg=report(
            "<run>/figures/joint_framing_{given}.svg",
            caption="../report/joint_framing.rst",
            category="Framing",
            labels={"figure": "framing of {given}"},
        ),
        pdf="<run>/figures/joint_framing_{given}.pdf",
        png="<run>/figures/joint_framing_{given}.png",
        csv="<run>/figures/joint_framing_{given}.csv",
    log:
        "<logs>/plot_joint_framing/{given}.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=FRAMES,
        measure=MEASURE,
        grain=GRAIN,
        n_sources=config["figures"]["sources"],
        code=code("plot_joint_framing"),
    message:
        "Drawing how passages about {wildcards.given} are framed"
    script:
        "../scripts/plot_joint_framing.py"


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


rule plot_validation:
    input:
        validation="<run>/frames/validation.parquet",
        curves="<run>/frames/curves.parquet",
    output:
        svg=report(
            "<run>/figures/validation.svg",
            caption="../report/validation.rst",
            category="Validation",
            labels={"figure": "measures held against people"},
        ),
        pdf="<run>/figures/validation.pdf",
        png="<run>/figures/validation.png",
        csv="<run>/figures/validation.csv",
    log:
        "<logs>/plot_validation.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        code=code("plot_validation"),
    message:
        "Drawing how the measures compare with people"
    script:
        "../scripts/plot_validation.py"


rule plot_distinctive_words:
    input:
        articles="<run>/corpus/articles.parquet",
        words="<run>/comparisons/words.parquet",
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
        n_sources=config["figures"]["sources"],
        code=code("plot_distinctive_words"),
    message:
        "Drawing words that set sources apart"
    script:
        "../scripts/plot_distinctive_words.py"
