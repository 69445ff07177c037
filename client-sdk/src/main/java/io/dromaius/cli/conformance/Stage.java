package io.dromaius.cli.conformance;

/** Cases of one kind that are run inside this process. */
interface Stage {
    String name();

    /** Announces every case it knows of and runs it. */
    void run(Tally tally) throws Exception;
}
