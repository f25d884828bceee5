package io.dormouse.connection;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Where a connection is on its way between asleep and in use.
 *
 * <pre>{@code
 * .-----------.  wanted  .------------.  up  .-----------.  ready  .------.
 * | SUSPENDED | -------> | CONNECTING | ---> | PREPARING | ------> | OPEN | <--.
 * '-----------' <------- '------------'      '-----------'         '------'    |
 * :   ^   ^   ^  not         |    ^    failed    |                   |   |     | back
 * :   |   |   |  wanted      v    |              v             ended |   |     | before the
 * :   |   |   |          .------------.      .--------.              |   |     | close
 * :   |   |   '--------- |  WAITING   |  or  | FAILED | <------------'   |     |
 * :   |   |              '------------'      '--------'                  |     |
 * :   |   '---------------------------------------'         not wanted   v     |
 * :   |                                                            .----------.
 * :   '----------------------------------------------------------- | DRAINING |
 * :                                                                '----------'
 * :   WAITING and FAILED go to CONNECTING: when the backoff is over or a permit to
 * :   connect is free, on retryNow(), on a new foreground. close() leads to CLOSED from any state,
 * :   from OPEN through DRAINING.
 * }</pre>
 *
 * <p>Each change is one step along an arrow: {@link #next()} has them as a table. {@link
 * Connection#state()} may skip steps that pass quickly; a {@link ConnectionListener} hears of all
 * of them, in order.
 */
public enum ConnectionState {
  /** Asleep: not wanted now, and holds no socket. */
  SUSPENDED,

  /** A socket is being made: address, connect, TLS, protocol handshake. */
  CONNECTING,

  /**
   * The socket is up and the app's own preparation runs on it, such as a sign-in. Only what that
   * sends goes out; what comes is delivered as ever, so that it can wait for answers.
   */
  PREPARING,

  /** In use. */
  OPEN,

  /**
   * On its way out in good order: what was accepted for sending is written, which may take as long
   * as the suspend budget lasts; then the close handshake begins, which the peer has the registry's
   * close timeout to answer.
   */
  DRAINING,

  /**
   * Wanted, but between attempts: in backoff, or waiting for a permit to connect. Holds no socket.
   */
  WAITING,

  /**
   * Wanted, but trying again is no use by itself. A new foreground or {@link Connection#retryNow()}
   * tries again. Holds no socket.
   */
  FAILED,

  /** Closed by the app, for good. */
  CLOSED;

  private static final Map<ConnectionState, Set<ConnectionState>> NEXT = legalSteps();

  /** {@return the states that a connection in this state may go to in one step; never itself} */
  public Set<ConnectionState> next() {
    return NEXT.getOrDefault(this, Set.of());
  }

  /** {@return whether a connection in this state may have a socket} */
  public boolean mayHoldSocket() {
    return this == CONNECTING || this == PREPARING || this == OPEN || this == DRAINING;
  }

  private static Map<ConnectionState, Set<ConnectionState>> legalSteps() {
    Map<ConnectionState, Set<ConnectionState>> next = new EnumMap<>(ConnectionState.class);
    next.put(SUSPENDED, EnumSet.of(CONNECTING, WAITING, CLOSED));
    next.put(CONNECTING, EnumSet.of(PREPARING, WAITING, FAILED, SUSPENDED, CLOSED));
    next.put(PREPARING, EnumSet.of(OPEN, WAITING, FAILED, SUSPENDED, CLOSED));
    next.put(OPEN, EnumSet.of(DRAINING, WAITING, FAILED));
    next.put(DRAINING, EnumSet.of(OPEN, SUSPENDED, CONNECTING, WAITING, CLOSED));
    next.put(WAITING, EnumSet.of(CONNECTING, SUSPENDED, CLOSED));
    next.put(FAILED, EnumSet.of(CONNECTING, WAITING, SUSPENDED, CLOSED));
    next.put(CLOSED, EnumSet.noneOf(ConnectionState.class));
    return next;
  }
}
