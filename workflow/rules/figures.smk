# in:  the tables of the other rooms, nothing else
# out: figures/*: those of the paper, each as .pdf, .svg and .png, and the table it was drawn from as .csv


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
        given=lambda wildcards: wildcards.get("given").replace("_", " "),
        measure=MEASURE,
        grain=GRAIN,
        n_sources=config["figures"]["sources"],
        code=code("plot_joint_framing"),
    message:
        "Drawing how passages about {wildcards.given} are framed"
    script:
        "../scripts/plot_joint_framing.py"


rule plot_source_contrasts:
    input:
        articles="<run>/corpus/articles.parquet",
        contrasts="<run>/comparisons/contrasts.parquet",
    output:
        svg=report(
            "<run>/figures/source_contrasts.svg",
            caption="../report/source_contrasts.rst",
            category="Framing",
            labels={"figure": "sources compared"},
        ),
        pdf="<run>/figures/source_contrasts.pdf",
        png="<run>/figures/source_contrasts.png",
        csv="<run>/figures/source_contrasts.csv",
    log:
        "<logs>/plot_source_contrasts.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        given=config["comparisons"]["given"],
        n_sources=config["figures"]["sources"],
        code=code("plot_source_contrasts"),
    message:
        "Drawing which sources frame it more, and the declared findings"
    script:
        "../scripts/plot_source_contrasts.py"


rule plot_mix_within:
    input:
        articles="<run>/corpus/articles.parquet",
        decomposition="<run>/comparisons/decomposition.parquet",
        topics="<run>/comparisons/decomposition_topics.parquet",
    output:
        svg=report(
            "<run>/figures/mix_within.svg",
            caption="../report/mix_within.rst",
            category="Framing",
            labels={"figure": "other topics, or other framing"},
        ),
        pdf="<run>/figures/mix_within.pdf",
        png="<run>/figures/mix_within.png",
        csv="<run>/figures/mix_within.csv",
    log:
        "<logs>/plot_mix_within.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        given=config["comparisons"]["given"],
        model=PRIMARY,
        n_sources=config["figures"]["sources"],
        code=code("plot_mix_within"),
    message:
        "Drawing changes and gaps as topics and framing"
    script:
        "../scripts/plot_mix_within.py"


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
