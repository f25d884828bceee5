package io.dormouse.support.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** Sends back every byte. */
public final class TcpEchoServer extends StreamServer {
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
