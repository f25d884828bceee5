package io.dormouse.connection;

import java.util.Objects;

/**
 * A send was not written, or not all of it, and will not be: the socket that it belongs to ended
 * first, or refused it. What a callback sends belongs to the socket that it was called for.
 */
public final class SendFailedException extends ConnectionException {
  private static final long serialVersionUID = 1L;

  private final transient CloseReason reason;

  /** Whether the peer may have got the beginning. */
  private final boolean partlyWritten;

  /**
   * Creates an exception.
   *
   * @param connectionName which connection
   * @param reason why
   * @param partlyWritten whether some of its bytes may have reached the peer
   */
  public SendFailedException(String connectionName, CloseReason reason, boolean partlyWritten) {
    super(
        connectionName,
        "not sent" + (partlyWritten ? " in full" : "") + ": " + Objects.requireNonNull(reason),
        reason.cause().orElse(null));
    this.reason = reason;
    this.partlyWritten = partlyWritten;
  }

  /** {@return why the send failed} */
  public CloseReason reason() {
    return reason;
  }

  /** {@return whether some of the bytes may have reached the peer} */
  public boolean partlyWritten() {
    return partlyWritten;
  }
}
