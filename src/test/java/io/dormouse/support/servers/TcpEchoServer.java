package io.dormouse.support.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import javax.net.ssl.SSLContext;

/** Sends back every byte. */
public final class TcpEchoServer extends StreamServer {
  /** Creates one. */
  public TcpEchoServer() {}

  /** Creates one that speaks over TLS. */
  public TcpEchoServer(SSLContext tls) {
    super(tls);
  }

  @Override
  protected void serve(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      countReceived(n);
      socket.getOutputStream().write(buffer, 0, n);
    }
  }
}
