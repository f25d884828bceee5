package io.dormouse.example.lines;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The other side. It sends its lines in pieces of 3 bytes, which end anywhere. */
final class StoreServer implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Map<String, String> values = new ConcurrentHashMap<>();
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();

  StoreServer() throws IOException {
    start(this::accept);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "store-server");
    thread.setDaemon(true);
    thread.start();
  }

  String host() {
    return listener.getInetAddress().getHostAddress();
  }

  int port() {
    return listener.getLocalPort();
  }

  int clients() {
    return clients.size();
  }

  void put(String key, String value) {
    values.put(key, value);
    clients.forEach(client -> client.changed(key, value));
  }

  /** Closes all connections, as a server that is restarted does. */
  void dropAll() {
    clients.forEach(Client::drop);
  }

  private void accept() {
    try {
      while (true) {
        Client client = new Client(listener.accept());
        clients.add(client);
        start(client::serve);
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    dropAll();
  }

  private final class Client {
    private final Socket socket;
    private final OutputStream out;
    private final Set<String> watched = new HashSet<>(); // guarded by this

    Client(Socket socket) throws IOException {
      this.socket = socket;
      socket.setTcpNoDelay(true);
      out = socket.getOutputStream();
    }

    void serve() {
      try (socket;
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          answer(line.split(" ", 3));
        }
      } catch (IOException e) {
        // The client, or the server, is gone.
      } finally {
        clients.remove(this);
      }
    }

    private synchronized void answer(String[] words) throws IOException {
      String number = words[0];
      String key = words[2];
      if (key.equals("riddle")) {
        return; // nobody knows the answer
      }
      if (words[1].equals("watch")) {
        watched.add(key);
      }
      String value = words[1].equals("watch") ? values.getOrDefault(key, "") : values.get(key);
      send(number + (value == null ? " error no such key" : " ok " + value));
    }

    synchronized void changed(String key, String value) {
      if (watched.contains(key)) {
        try {
          send("! " + key + " " + value);
        } catch (IOException e) {
          drop();
        }
      }
    }

    private void send(String line) throws IOException {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < bytes.length; i += 3) {
        out.write(bytes, i, Math.min(3, bytes.length - i));
      }
    }

    void drop() {
      try {
        socket.close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }
  }
}
