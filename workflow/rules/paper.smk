# in:  what the figures named in the configuration's `paper` are drawn from, and the run's numbers
# out: paper/: these figures at their size, numbered and lettered, as floats for LaTeX; tables; numbers.tex (make paper)


rule draw_for_paper:
    input:
        unpack(lambda wildcards: of_figure("input", wildcards.panel)),
    output:
        pdf="<run>/paper/{panel}.pdf",
        svg="<run>/paper/{panel}.svg",
        png="<run>/paper/{panel}.png",
        csv="<run>/paper/{panel}.csv",
    log:
        "<logs>/draw_for_paper/{panel}.log",
    wildcard_constraints:
        panel=r"figure_\d+[a-z]?",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        rule=lambda wildcards: rule_of(wildcards.panel),
        figure=lambda wildcards: of_figure("params", wildcards.panel),
        letter=lambda wildcards: PANELS[wildcards.panel].letter,
        width=lambda wildcards: PANELS[wildcards.panel].width,
        code=code("draw_for_paper"),
    message:
        "Drawing {wildcards.panel} of the paper"
    script:
        "../scripts/draw_for_paper.py"


rule write_paper:
    input:
        articles="<run>/corpus/articles.parquet",
        contrasts="<run>/comparisons/contrasts.parquet",
        omitted="<run>/comparisons/omitted.parquet",
        robustness=robustness_if_made,
        validation="<run>/frames/validation.parquet",
        topics=f"<run>/topics/{PRIMARY}/topics.parquet",
        numbers="<run>/numbers.tex",
    output:
        floats=[f"<run>/paper/figure_{number}.tex" for number in sorted({panel.number for panel in PANELS.values()})],
        tables=[f"<run>/paper/table_{name}.{ending}" for name in PAPER_TABLES for ending in ("tex", "csv")],
        numbers="<run>/paper/numbers.tex",
    log:
        "<logs>/write_paper.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        panels={name: list(panel) for name, panel in PANELS.items()},
        findings=config["findings"],
        code=code("write_paper", *CAPTIONS),
    message:
        "Writing the floats and tables of the paper"
    script:
        "../scripts/write_paper.py"


rule paper:
    input:
        rules.write_paper.output,
        expand("<run>/paper/{panel}.pdf", panel=PANELS),
    message:
        f"The paper's figures, tables and numbers are in results/{config['name']}/paper/"
