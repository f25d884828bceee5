package io.dormouse.bench.crowd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.handshake.ServerHandshake;

/**
 * Java-WebSocket's own client, with its defaults and without delay on its sockets. Beside it, where
 * half of the connections are to be TCP, plain sockets of the JDK.
 */
final class JavaWebSocketCrowd implements Crowd {
  private final Site site;
  private final List<Client> clients = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private volatile Arrivals opening = new Arrivals(0);
  private volatile Arrivals leaving = new Arrivals(0);

  JavaWebSocketCrowd(Site site) {
    this.site = site;
  }

  private final class Client extends WebSocketClient {
    Client(int number) {
      super(URI.create(site.url(number)));
      setTcpNoDelay(true);
      site.trust().ifPresent(trust -> setSocketFactory(trust.context().getSocketFactory()));
    }

    @Override
    public void onOpen(ServerHandshake handshake) {
      opening.come();
    }

    @Override
    public void onMessage(String text) {}

    @Override
    public void onClose(int code, String reason, boolean remote) {
      leaving.come();
    }

    @Override
    public void onError(Exception e) {
      System.err.println("java-websocket: " + e);
    }
  }

  @Override
  public int open() throws IOException, InterruptedException {
    opening = new Arrivals(site.webSockets());
    for (int i = 0; i < site.webSockets(); i++) {
      Client client = new Client(i);
      clients.add(client);
      client.connect();
    }
    for (int i = 0; i < site.tcp(); i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), site.ports().tcpEcho());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) LIMIT.toMillis());
      sockets.add(socket);
    }
    return opening.await();
  }

  @Override
  public int leave() throws IOException, InterruptedException {
    leaving = new Arrivals(clients.size());
    clients.forEach(client -> client.close(CloseFrame.GOING_AWAY));
    for (Socket socket : sockets) {
      socket.shutdownOutput();
    }
    for (Socket socket : sockets) {
      while (socket.getInputStream().read() >= 0) {
        // until the peer's FIN
      }
      socket.close();
    }
    int left = leaving.await();
    clients.clear();
    sockets.clear();
    return left;
  }

  @Override
  public void close() {}
}
