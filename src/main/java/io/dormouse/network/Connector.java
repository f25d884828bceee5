package io.dormouse.network;

/** Brings a transport to where it is to go. Loop only. */
public interface Connector {
  /**
   * Begins.
   *
   * @param timeoutNanos for all of it together
   * @param endpoint where to
   */
  void dial(long timeoutNanos, Endpoint endpoint);

  /** Gives up, and gives the transports back that are being connected. */
  void abort();

  /** Returns how many sockets are being connected. */
  int openSockets();
}
