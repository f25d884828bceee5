package io.dormouse.connection;

/**
 * A send was refused since the peer takes bytes more slowly than the app sends them, and the bound
 * on what may wait is reached. Nothing of it was sent. The remedy is to wait for earlier sends.
 */
public final class SendQueueFullException extends ConnectionException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param connectionName which connection
   * @param waiting bytes accepted and not yet written
   * @param size bytes of the refused send
   * @param limit the bound, in bytes
   */
  public SendQueueFullException(String connectionName, long waiting, long size, long limit) {
    super(
        connectionName,
        "send of "
            + size
            + " bytes refused, "
            + waiting
            + " bytes of at most "
            + limit
            + " are waiting for the peer; wait for earlier sends to complete",
        null);
  }
}
