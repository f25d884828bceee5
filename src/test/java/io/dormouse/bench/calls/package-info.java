/** What does an HTTP call cost through Dormouse's client, beside the client it is made from? */
package io.dormouse.bench.calls;
