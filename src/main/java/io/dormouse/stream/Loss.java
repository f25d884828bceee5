package io.dormouse.stream;

import io.dormouse.connection.CloseReason;
import io.dormouse.tls.TlsException;
import java.io.IOException;
import java.net.SocketException;
import java.util.Locale;

/** Tells a reset by the peer from what else may happen to a connection. */
final class Loss {
  private Loss() {}

  /**
   * Returns whether the peer has reset the connection. The platform gives no error numbers. The
   * JDK's channels throw a {@link SocketException} when a read meets a reset, and plain {@link
   * IOException}s for all else; but when a write does, there are only the system's words, in the
   * language of the system. They are a hint: a write that fails is followed by a read.
   */
  static boolean isReset(IOException e) {
    String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return e instanceof SocketException
        || words.contains("reset") // ECONNRESET
        || words.contains("broken pipe") // EPIPE
        || words.contains("forcibly closed"); // WSAECONNRESET
  }

  /** Returns why the stream has ended. */
  static CloseReason reason(boolean reset, IOException e) {
    if (e instanceof TlsException tls) {
      return tls.reason();
    }
    return CloseReason.of(
        reset ? CloseReason.Kind.PEER_RESET : CloseReason.Kind.NETWORK_LOST,
        String.valueOf(e.getMessage()),
        e);
  }
}
