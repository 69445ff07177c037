package io.dromaius.cli.conformance;

import io.dromaius.client.EmuClient;

/**
 * A case that a cluster is asked over gRPC. Thread-safe: it may be run several times at once.
 *
 * @param stage generate, predict, generate_image or diffusion
 * @param model that the cluster must serve
 */
record RemoteCase(String stage, Model model, String name, Check check) {
    /** Asks and compares. */
    interface Check {
        void run(EmuClient emu, Findings findings) throws Exception;
    }
}
