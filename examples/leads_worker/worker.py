#!/usr/bin/python3
"""A worker of the outbox of tradeup_leads: has messages written by a text service and sent by a gateway.

    examples/leads_worker/worker.py --service http://writer.example/v1/texts --gateway http://sms.example/v1/messages
    examples/leads_worker/worker.py --gateway smtp://mail.example:25 --sender service@dealer.example

Connects as the environment says (PGHOST, PGUSER, ...), with Debian's python3-psycopg. With --service it writes, with --gateway it
sends, with both it does both. Start as many as you like: each message is one worker's at a time, until its lease runs out. A worker
that dies leaves nothing behind but leases, and whoever takes its messages then calls with the same keys.

It waits for NOTIFY and looks again every --wait seconds, because attempts that failed become due by the clock. It ends on SIGTERM
after the calls that are under way.
"""
import argparse
import concurrent.futures
import os
import select
import signal
import socket
import sys
import time

sys.dont_write_bytecode = True

import psycopg  # noqa: E402
import psycopg.rows  # noqa: E402

from services import CallFailed, TextService, gateway_of  # noqa: E402

LEASE_RAN_OUT = psycopg.errors.lookup('55000')


def say(words):
    print(words, file=sys.stderr, flush=True)


class Worker:
    def __init__(self, options):
        self.options = options
        self.ending = False
        self.calls = {}
        if options.service:
            service = TextService(options.service, options.timeout)
            self.calls['write'] = service.write
        if options.gateway:
            gateway = gateway_of(options.gateway, options.timeout, options.sender, options.subject)
            self.calls['send'] = gateway.send
        self.pool = concurrent.futures.ThreadPoolExecutor(options.at_most)

    def end(self, *_):
        self.ending = True

    def run(self):
        """Until it is told to end; with --once until nothing is due."""
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGINT, self.end)
        pause = 1
        while not self.ending:
            try:
                with psycopg.connect(autocommit=True, row_factory=psycopg.rows.dict_row,
                                     application_name=self.options.name) as connection:
                    connection.execute('LISTEN tradeup_leads')
                    pause = 1
                    while not self.ending:
                        done = sum([self.work(connection, stage) for stage in self.calls])
                        if done == 0:
                            if self.options.once:
                                return
                            self.wait(connection)
            except psycopg.OperationalError as error:
                if self.options.once:
                    raise
                say(f'the database is away: {error}'.strip())
                time.sleep(pause)
                pause = min(2 * pause, 60)

    def wait(self, connection):
        """Until there is a message, or some time has passed, in which attempts may have become due."""
        try:
            select.select([connection.fileno()], [], [], self.options.wait)
        except InterruptedError:
            return
        connection.execute('SELECT 1')

    def work(self, connection, stage):
        """Takes messages and has them all called for at once, so that each call ends before the lease does."""
        options = self.options
        messages = connection.execute('SELECT * FROM tradeup_leads.take_messages(%s, %s, %s, %s, %s::text[])',
                                      (options.name, options.at_most, stage, options.lease, options.channels)).fetchall()
        calls = {}
        for message in messages:
            if stage == 'send':
                message['address'] = self.address(connection, message)
            calls[self.pool.submit(self.calls[stage], message)] = message
        for call in concurrent.futures.as_completed(calls):
            self.settle(connection, calls[call], call)
        return len(messages)

    def address(self, connection, message):
        """Where a message goes: what the query of --address says, or else the customer's id."""
        if not self.options.address:
            return message['customer_id']
        row = connection.execute(self.options.address,
                                 {'customer_id': message['customer_id'], 'channel': message['channel']}).fetchone()
        return str(next(iter(row.values()))) if row and next(iter(row.values())) is not None else ''

    def settle(self, connection, message, call):
        """Stores what came of a call."""
        number, lease = message['message_id'], message['lease']
        failed = call.exception()
        if failed is None:
            self.store(connection, number, 'SELECT tradeup_leads.finish_message(%s, %s, %s)', (number, lease, call.result()))
            return
        reason = str(failed) if isinstance(failed, CallFailed) else f'unexpected {type(failed).__name__}'
        say(f'message {number}: {reason}')
        self.store(connection, number, 'SELECT tradeup_leads.fail_message(%s, %s, %s)', (number, lease, reason))

    def store(self, connection, number, statement, parameters):
        """Tries again when another session was in the way: what was done must not be done again because it was not stored. A lease
        that ran out in the meantime is another worker's affair."""
        for pause in (0.1, 0.5, 2, None):
            try:
                connection.execute(statement, parameters)
                return
            except LEASE_RAN_OUT as error:
                say(f'message {number}: {error.diag.message_primary}')
                return
            except psycopg.OperationalError as error:
                if connection.closed:
                    raise
                say(f'message {number}: {error.diag.message_primary}')
                if pause is not None:
                    time.sleep(pause)


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--service', metavar='URL', help='text service that writes')
    parser.add_argument('--gateway', metavar='URL', help='gateway that sends: http, https, smtp, smtps')
    parser.add_argument('--sender', metavar='ADDRESS', help='sender of mail')
    parser.add_argument('--subject', default='Your vehicle', help='subject of mail')
    parser.add_argument('--address', metavar='SQL',
                        help='query of the address: SELECT email FROM crm WHERE id = %%(customer_id)s')
    parser.add_argument('--channels', type=lambda words: words.split(','), metavar='NAMES',
                        help='only messages of these channels, as email,sms; without it: of all')
    parser.add_argument('--name', default=f'{socket.gethostname()}/{os.getpid()}', help='name of this worker')
    parser.add_argument('--at-most', type=int, default=10, help='calls at the same time')
    parser.add_argument('--timeout', type=float, default=30, help='seconds of a call')
    parser.add_argument('--lease', type=int, default=120, help='seconds for which messages are taken')
    parser.add_argument('--wait', type=float, default=10, help='seconds until it looks again')
    parser.add_argument('--once', action='store_true', help='end when nothing is due')
    options = parser.parse_args(arguments)
    if not options.service and not options.gateway:
        parser.error('give --service, --gateway or both')
    if options.at_most < 1:
        parser.error('--at-most must be at least 1')
    if options.timeout <= 0 or options.lease <= options.timeout:
        parser.error('a lease must be longer than a call: --lease above --timeout')
    return options


def main():
    options = options_of(sys.argv[1:])
    try:
        Worker(options).run()
    except ValueError as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
