package io.dormouse.network;

import io.dormouse.connection.CloseReason;
import java.io.IOException;

/** A proxy opens no way to the host. The message has nothing of what it has sent but numbers. */
final class ProxyException extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int NO_CODE = -1;

  private final transient CloseReason.Kind kind;
  private final int code;

  private ProxyException(CloseReason.Kind kind, int code, String what) {
    super(what);
    this.kind = kind;
    this.code = code;
  }

  /**
   * It refuses, or can't be spoken to.
   *
   * @param what continues "the proxy …"
   */
  static ProxyException failed(String what) {
    return new ProxyException(CloseReason.Kind.PROXY_FAILED, NO_CODE, what);
  }

  /** The same, with its HTTP status. */
  static ProxyException failed(int status, String what) {
    return new ProxyException(CloseReason.Kind.PROXY_FAILED, status, what);
  }

  /** It wants to know who asks, and does not know us. */
  static ProxyException unauthorized(String what) {
    return new ProxyException(CloseReason.Kind.PROXY_UNAUTHORIZED, NO_CODE, what);
  }

  /** The same, with its HTTP status. */
  static ProxyException unauthorized(int status, String what) {
    return new ProxyException(CloseReason.Kind.PROXY_UNAUTHORIZED, status, what);
  }

  /**
   * Returns it as a reason.
   *
   * @param proxy where the proxy is
   */
  CloseReason reason(String proxy) {
    String detail = "the proxy " + proxy + " " + getMessage();
    return code == NO_CODE ? CloseReason.of(kind, detail) : CloseReason.ofCode(kind, code, detail);
  }
}
