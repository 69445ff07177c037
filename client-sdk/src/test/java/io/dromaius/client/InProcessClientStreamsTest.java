package io.dromaius.client;

class InProcessClientStreamsTest extends EmuClientStreamsContract {
    InProcessClientStreamsTest() {
        super(Wire.IN_PROCESS);
    }
}
