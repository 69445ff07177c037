package io.dromaius.coordinator.intake;

/** What is counted of messages on their way in. Any thread. */
public interface IntakeMetrics {
    /** A call was refused because there was no room for its message. */
    void messageRefused();
}
