package io.dormouse.example;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** What many apps have today, with what goes wrong. Not to be copied. */
final class HandWritten {
  private final OkHttpClient client;
  private final Request request;
  private final ScheduledExecutorService timer;

  HandWritten(OkHttpClient client, Request request, ScheduledExecutorService timer) {
    this.client = client;
    this.request = request;
    this.timer = timer;
  }

  // begin: handWritten
  private volatile boolean inFront;
  private WebSocket socket;

  void onStart() {
    inFront = true;
    socket = client.newWebSocket(request, new Listener());
  }

  void onStop() {
    inFront = false;
    socket.close(1001, null); // a server that does not answer keeps it open for a minute
  }

  private final class Listener extends WebSocketListener {
    @Override
    public void onFailure(WebSocket failed, Throwable cause, Response response) {
      timer.schedule(this::again, 1, TimeUnit.SECONDS); // all clients in step, for ever
    }

    private void again() {
      if (inFront) { // and if onStart() has been called meanwhile, there are two sockets
        socket = client.newWebSocket(request, new Listener());
      }
    }

    @Override
    public void onMessage(WebSocket from, String text) {
      show(text); // also from the socket of before
    }
  }

  // end: handWritten

  private static void show(String text) {
    System.out.println(text);
  }
}
