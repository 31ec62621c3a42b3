#!/usr/bin/env bash
# The lines of host/CLUSTER.md on one machine: GNU parallel, a Slurm array on a cluster of its own with one task killed and run again,
# MPI; each gives the predictions of the single run.
#
#     tests/e2e/test_cluster.sh BUILD MODEL.onnx
set -u
model=$2
weft=$(realpath "$1/weft")
dir=$(mktemp -d) || exit 1
started=
cleanup() {
    for pid in $started; do kill "$pid" 2>/dev/null; done
    for pid in $started; do wait "$pid" 2>/dev/null; done
    rm -rf "$dir"
}
trap cleanup EXIT
fail() { echo "FAIL cluster: $*"; exit 1; }
PATH=$(dirname "$weft"):$PATH:/usr/sbin

"$weft" compile "$model" -o "$dir/net.weft" >/dev/null || fail compile
cd "$dir" || exit 1
head -c $((23 * 784)) net.weft >D
for i in $(seq 23); do echo $((i % 10)); done >L.csv
weft eval net.weft --data D --labels L.csv --predictions whole >/dev/null || fail "the single run"
merged() { # engine
    weft merge r*.json --predictions merged >/dev/null || fail "$1: merge"
    cmp -s whole merged || fail "$1: other predictions than one run"
    rm -f r*.json
    done_by="$done_by $1"
}
done_by= left=

if command -v parallel >/dev/null; then
    parallel --will-cite -j 2 weft eval net.weft --data D --labels L.csv --shard {}/8 -o r{}.json ::: 1 2 3 4 5 6 7 8 </dev/null || fail parallel
    merged parallel
else
    left="$left parallel"
fi

if command -v mpirun >/dev/null; then
    root=; [ "$(id -u)" != 0 ] || root=--allow-run-as-root
    mpirun $root --oversubscribe -np 2 sh -c 'i=$((OMPI_COMM_WORLD_RANK + 1)); weft eval net.weft --data D --labels L.csv --shard $i/$OMPI_COMM_WORLD_SIZE -o r$i.json' </dev/null >mpi.log 2>&1 || fail "mpirun: $(cat mpi.log)"
    merged mpirun
else
    left="$left mpirun"
fi

# A controller and a node of our own, with a key of their own, in this folder alone.
start_slurm() {
    local host
    host=$(hostname -s)
    mkdir -p slurm/state slurm/spool munge && chmod 700 munge
    head -c 1024 /dev/urandom >munge/key && chmod 400 munge/key
    munged --force --foreground --socket="$dir/munge/socket" --key-file="$dir/munge/key" --log-file="$dir/munge/log" --pid-file="$dir/munge/pid" \
        --seed-file="$dir/munge/seed" >munged.log 2>&1 &
    started="$started $!"
    cat >slurm.conf <<C
ClusterName=weft
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CredType=cred/munge
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
StateSaveLocation=$dir/slurm/state
SlurmdSpoolDir=$dir/slurm/spool
SlurmctldPidFile=$dir/slurm/ctld.pid
SlurmdPidFile=$dir/slurm/d.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=p Nodes=$host Default=YES MaxTime=10 State=UP
C
    export SLURM_CONF=$dir/slurm.conf
    sleep 1
    slurmctld -D -c >ctld.log 2>&1 &
    started="$started $!"
    slurmd -D >slurmd.log 2>&1 &
    started="$started $!"
    for _ in $(seq 30); do
        sinfo -h -o %t 2>/dev/null | grep -q idle && return 0
        sleep 1
    done
    return 1
}
waited() { # job
    for _ in $(seq 120); do
        [ -n "$(squeue -h -j "$1" 2>/dev/null)" ] || return 0
        sleep 1
    done
    fail "slurm: job $1 does not end"
}
if command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v munged >/dev/null; then
    if start_slurm; then
        line='weft eval net.weft --data D --labels L.csv --shard $SLURM_ARRAY_TASK_ID/8 -o r$SLURM_ARRAY_TASK_ID.json'
        # Task 5 waits until it is killed.
        job=$(sbatch --parsable --export=ALL --array=1-8 -o /dev/null --wrap "[ \$SLURM_ARRAY_TASK_ID = 5 ] && sleep 300; $line") || fail sbatch
        for _ in $(seq 120); do [ "$(ls r*.json 2>/dev/null | wc -l)" = 7 ] && break; sleep 1; done
        scancel "${job}_5" || fail scancel
        waited "$job"
        weft merge r*.json >/dev/null 2>missing && fail "slurm: a killed task was not missed"
        grep -q "1 are missing: 5" missing || fail "slurm: $(cat missing)"
        job=$(sbatch --parsable --export=ALL --array=5 -o /dev/null --wrap "$line") || fail sbatch
        waited "$job"
        merged slurm
    else
        left="$left slurm(does not start here: $(tail -n 1 ctld.log slurmd.log munged.log | tr '\n' ' '))"
    fi
else
    left="$left slurm"
fi
[ -n "$done_by" ] || { echo "skip cluster: none of these is here:$left"; exit 77; }
echo "ok cluster:$done_by give the predictions of one run${left:+; left out:$left}"
