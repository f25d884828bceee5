package io.dormouse.http;

import java.io.IOException;
import java.net.ProtocolException;

/**
 * Keeps a request from being sent that a suspend has taken back. It is a {@code ProtocolException},
 * since OkHttp would try the request again at once after any other, and over the same HTTP/2
 * connection without end. {@link SendInterceptor} catches it.
 */
final class NotSentException extends ProtocolException {
  private static final long serialVersionUID = 1L;

  NotSentException(IOException refusal) {
    super(refusal.getMessage());
    initCause(refusal);
  }
}
