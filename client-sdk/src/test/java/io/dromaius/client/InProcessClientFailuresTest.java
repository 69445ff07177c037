package io.dromaius.client;

class InProcessClientFailuresTest extends EmuClientFailuresContract {
    InProcessClientFailuresTest() {
        super(Wire.IN_PROCESS);
    }
}
