package io.dormouse.connection;

import java.time.Duration;
import java.util.Optional;

/** A connection at one moment. Only the library makes these. */
public interface ConnectionSnapshot {
  /** {@return the connection's name in the registry} */
  String name();

  /** {@return what it speaks} */
  ConnectionKind kind();

  /** {@return where it is} */
  ConnectionState state();

  /** {@return how long it has been there} */
  Duration timeInState();

  /** {@return how many connect attempts there have been} */
  long generation();

  /**
   * {@return how many attempts in a row have failed; 0 once it has been up for the minimum uptime}
   */
  int failures();

  /** {@return payload bytes received since it was registered, as they are when inflated} */
  long bytesIn();

  /** {@return payload bytes sent since it was registered, as they are before compression} */
  long bytesOut();

  /**
   * {@return how many TLS handshakes were done since it was registered: one for each socket of a
   * TCP connection or WebSocket over TLS} Those of HTTP are OkHttp's, which has an event for each;
   * they are not counted.
   */
  long handshakes();

  /** {@return how many of the {@link #handshakes()} {@linkplain TlsSession#isResumed resumed}} */
  long resumedHandshakes();

  /** {@return what {@link Connection#queuedBytes()} does} */
  long queuedBytes();

  /**
   * {@return how many sends were refused since it was registered: it was not open, or too much
   * waited already, or the generation that they answered was over}
   */
  long refusedSends();

  /** {@return why the last generation ended; empty if none has} */
  Optional<CloseReason> lastReason();
}
